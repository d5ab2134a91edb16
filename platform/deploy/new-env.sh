#!/bin/sh
# Prints an environment file with fresh secrets: new-env.sh DOMAIN PUBLIC_IP > .env
# Keep it: without RECORDING_KEYS no recording can ever be read again.
set -eu
domain=${1:?the domain name people will use, such as visits.example.com}
address=${2:?the public IP address of this machine}
hex() { head -c "$1" /dev/urandom | od -An -v -tx1 | tr -d ' \n'; }
umask 077
sed -e "s|@DOMAIN@|$domain|g" -e "s|@ADDRESS@|$address|g" \
    -e "s|@SECRET_KEY@|$(hex 32)|" -e "s|@POSTGRES_PASSWORD@|$(hex 24)|" \
    -e "s|@TURN_SECRET@|$(hex 32)|" \
    -e "s|@RECORDING_KEYS@|$(head -c 32 /dev/urandom | base64 | tr -d '\n')|" \
    "$(dirname "$0")/example.env"
