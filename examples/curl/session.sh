#!/bin/sh
# bob sets his status, subscribes to alice, asks for her, and is shown what happens to either, until Ctrl-C.
set -eu
url=${USERSTATUS_URL:-http://127.0.0.1:8080}
token=${USERSTATUS_TOKEN:-$(curl -sSf "$url/dev/token?user=bob" | sed 's/.*"token":"\([^"]*\)".*/\1/')}
call() { curl -sS "$url/graphql" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' "$@"; }

call -d '{"query": "mutation { setSelfStatus(customStatus: \"by curl\") { userID customStatus version } }"}'; echo
call -d '{"query": "mutation { subscribeUserStatus(userIDList: [\"alice\"]) { failureUserList { userID code message } } }"}'; echo
call -d '{"query": "{ userStatus(userIDList: [\"alice\"]) { successUserList { userID statusType customStatus } } }"}'; echo
# a stream of server-sent events; while it is open bob is ONLINE
call -N -H 'Accept: text/event-stream' -d '{"query": "subscription { userStatusUpdated(snapshot: true) { userID statusType customStatus version } }"}'
