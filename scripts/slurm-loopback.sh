#!/usr/bin/env bash
# Run a command with a one-node Slurm cluster on this machine's loopback. Root; Debian packages slurm-wlm and munge.
# Usage: slurm-loopback.sh COMMAND [ARGUMENT...]
# The cluster lives in a temporary folder and ends with the command. $SLURM_LOOPBACK is that folder: slurmd.pid and
# slurmctld.pid in it, and restart-slurmd, for tests that stop a daemon.
set -euo pipefail
[ $# -gt 0 ] || { sed -n 2,5p "$0" >&2; exit 2; }
PATH=$PATH:/usr/sbin:/sbin
export PATH

folder=$(mktemp -d /tmp/slurm-loopback.XXXXXX)
host=$(hostname -s)
port=$((20000 + RANDOM % 10000))
mkdir -p "$folder"/{state,spool}
chmod 755 "$folder"

stop() {
  trap - EXIT
  scancel --user="$(id -un)" 2>/dev/null || true
  for _ in $(seq 40); do [ -z "$(squeue --noheader 2>/dev/null)" ] && break; sleep 0.25; done
  for daemon in slurmd slurmctld munged; do
    [ -f "$folder/$daemon.pid" ] && kill -CONT "$(cat "$folder/$daemon.pid")" 2>/dev/null || true
    [ -f "$folder/$daemon.pid" ] && kill "$(cat "$folder/$daemon.pid")" 2>/dev/null || true
  done
  for _ in $(seq 40); do
    kill -0 $(cat "$folder"/*.pid 2>/dev/null) 2>/dev/null || break
    sleep 0.25
  done
  rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

cat >"$folder/slurm.conf" <<CONF
ClusterName=loopback
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 10000))
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_min_interval=100000,sched_interval=1,batch_sched_delay=0
ReturnToService=2
SlurmdTimeout=10
KillWait=10
MinJobAge=30
MpiDefault=none
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=1000 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF=$folder/slurm.conf SLURM_LOOPBACK=$folder

head -c 1024 /dev/urandom >"$folder/munge.key"
chmod 400 "$folder/munge.key"
munged --force --key-file="$folder/munge.key" --socket="$folder/munge.socket" --pid-file="$folder/munged.pid" \
  --log-file="$folder/munged.log" --seed-file="$folder/munged.seed" 2>"$folder/munged.out"
slurmctld -f "$SLURM_CONF"
printf '#!/bin/sh\nexec slurmd -f "%s"\n' "$SLURM_CONF" >"$folder/restart-slurmd"
chmod 755 "$folder/restart-slurmd"
"$folder/restart-slurmd"

for _ in $(seq 120); do
  sinfo --noheader --format=%t 2>/dev/null | grep -q idle && up=1 && break
  sleep 0.25
done
if [ -z "${up:-}" ]; then
  echo "the cluster did not come up:" >&2
  tail -n 20 "$folder"/*.log "$folder"/*.out >&2
  exit 1
fi
status=0
"$@" || status=$?
exit $status
