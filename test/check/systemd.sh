#!/bin/sh
# Proves that README's unit starts, reloads, restarts and stops under a real systemd, and waits for an address that comes late.
. test/lib.sh
story systemd

need unshare ip dig || finish
[ -x /lib/systemd/systemd ] || { skip 'systemd is not installed'; finish; }
[ "$(id -u)" = 0 ] || { skip 'a machine for systemd needs root'; finish; }

# What is done in it; $1 is a directory of ours.
mkdir "$TMP/share"
cp "$DYNDNS" "$TMP/share/dyndns"
awk '/^        \[Unit\]/ { on = 1 } on && /^$/ { exit } on { print substr($0, 9) }' README >"$TMP/share/dyndns.service"
cat >"$TMP/share/try" <<'END'
properties() { systemctl show dyndns | grep -E "^($1)=" | sort | tr '\n' ' '; }
active() {
	tries=0
	until [ "$(systemctl is-active dyndns)" = active ] || [ $((tries += 1)) -gt 100 ]; do sleep 0.1; done
	echo "$1: $(properties 'ActiveState|NRestarts')"
}
active start
pid=$(systemctl show dyndns -p MainPID --value)
echo "status: $(grep -E '^(CapEff|NoNewPrivs|Seccomp):' "/proc/$pid/status" | tr '\t\n' '= ')"
echo "uid: $(sed -n 's/^Uid:\t\([0-9]*\).*/\1/p' "/proc/$pid/status")"
echo "hit: $(dig @127.0.0.1 +short +tries=1 ws7.lab)"
echo 'ws1.lab 10.6.0' >/etc/dyndns.rules
systemctl reload dyndns
echo "reload: $? $(dig @127.0.0.1 +short +tries=1 ws7.lab)"
echo 'ws1.lab ten' >/etc/dyndns.rules
systemctl reload dyndns
echo "bad reload: $(dig @127.0.0.1 +short +tries=1 ws7.lab)"
echo 'ws1.lab 10.6.0' >/etc/dyndns.rules
kill -9 "$pid"
tries=0
until [ "$(systemctl show dyndns -p NRestarts --value)" = 1 ] || [ $((tries += 1)) -gt 100 ]; do sleep 0.1; done
active killed
echo "killed: $(dig @127.0.0.1 +short +tries=1 ws7.lab)"
systemctl stop dyndns
echo "stop: $? $(properties 'ActiveState|Result|ExecMainStatus')"
mkdir /run/systemd/system/dyndns.service.d
printf '[Service]\nExecStart=\nExecStart=/usr/local/sbin/dyndns -l 10.9.9.9 -f /etc/dyndns.rules\n' \
	>/run/systemd/system/dyndns.service.d/late.conf
systemctl daemon-reload
systemctl start --no-block dyndns
# More often than systemd's own limit of five starts.
tries=0
until [ "$(systemctl show dyndns -p NRestarts --value)" -ge 7 ] || [ $((tries += 1)) -gt 150 ]; do sleep 0.1; done
ip addr add 10.9.9.9/32 dev lo
active late
echo "late: $(dig @10.9.9.9 +short +tries=1 ws7.lab)"
systemctl stop dyndns
journalctl -u dyndns -o cat --no-pager | sed 's/^/journal: /'
echo end
END

# A tree over this machine's, with a process table, a network and control groups of its own, and systemd as its first process.
cat >"$TMP/boot" <<'END'
set -e
share=$1 r=/mnt/r
mount --make-rprivate /
mount -t tmpfs tmpfs /mnt
mkdir /mnt/upper /mnt/work $r
mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work $r
cd $r
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
for d in run tmp; do mount -t tmpfs tmpfs $d; done
mkdir tmp/share
mount --bind "$share" tmp/share
mount -t tmpfs -o mode=755 tmpfs dev
for d in null zero full random urandom tty; do
	: >dev/$d
	mount --bind /dev/$d dev/$d
done
mkdir dev/shm dev/pts
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
cp "$share/dyndns" usr/local/sbin/dyndns
cp "$share/dyndns.service" etc/systemd/system/
echo 'ws1.lab 10.5.0' >etc/dyndns.rules
cat >etc/systemd/system/try.service <<UNIT
[Unit]
After=dyndns.service
Wants=dyndns.service
DefaultDependencies=no
[Service]
Type=oneshot
ExecStart=/bin/sh /tmp/share/try
StandardOutput=file:/tmp/share/said
ExecStopPost=/bin/systemctl --no-block exit
UNIT
mkdir old
pivot_root . old
cd /
umount -l /old
ip link set lo up
exec env -i container=lxc PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --unit=try.service
END
groups=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)/dyndns.$$
# Its processes end with it.  Groups below ours are its own.
if mkdir "$groups" 2>"$TMP/boot.log"; then
	# shellcheck disable=SC2016 # the inner shell's
	"$PEER" run 90 sh -c 'echo $$ >"$1/cgroup.procs" && exec unshare -mpfnuiC --kill-child sh "$2" "$3"' sh "$groups" "$TMP/boot" \
		"$TMP/share" >>"$TMP/boot.log" 2>&1
	tries=0
	until find "$groups" -depth -type d -exec rmdir {} + 2>/dev/null || [ $((tries += 1)) -gt 50 ]; do nap 100; done
fi
if ! grep -q '^start: ' "$TMP/share/said" 2>/dev/null; then
	echo "systemd: this machine does not let one run: $(tail -n 1 "$TMP/boot.log")"
	finish
fi
said=$(cat "$TMP/share/said")
says 'it starts' "$said" '^start: ActiveState=active NRestarts=0 $' '^hit: 10\.5\.0\.7$' '^end$'
says 'as nobody else, with one capability, confined' "$said" '^uid: [1-9][0-9]+$' \
	'^status: CapEff:=0*400 NoNewPrivs:=1 Seccomp:=2 $'
says 'it reloads' "$said" '^reload: 0 10\.6\.0\.7$' '^bad reload: 10\.6\.0\.7$' \
	'^journal: .*dyndns\.rules: line 1: ten: .*; the old rules stay$'
says 'it is started again' "$said" '^killed: ActiveState=active NRestarts=1 $' '^killed: 10\.6\.0\.7$'
says 'it stops' "$said" '^stop: 0 ActiveState=inactive ExecMainStatus=0 Result=success $' '^journal: stopped$'
says 'an address that comes late' "$said" '^late: ActiveState=active NRestarts=([7-9]|1[0-9]) $' '^late: 10\.6\.0\.7$' \
	'^journal: .*10\.9\.9\.9.*' '^journal: listening on 10\.9\.9\.9@53$'
says 'the journal has its name once' "$said" '^journal: ready$' '!^journal: dyndns: '
finish
