#!/bin/sh
# Proves the message layer for all messages, and that the proof can fail: see test/proof/run.
sh test/proof/run
