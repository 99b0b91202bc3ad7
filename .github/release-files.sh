#!/bin/sh
# Writes the files that a release contains besides the program: completion scripts and the manual page.
set -eu
mkdir -p .release
go run ./cmd/groupsync completion bash >.release/groupsync.bash
go run ./cmd/groupsync completion zsh >.release/_groupsync
go run ./cmd/groupsync completion fish >.release/groupsync.fish
go run -ldflags "-X main.version=${1:-}" ./cmd/groupsync completion man | gzip -9n >.release/groupsync.1.gz
