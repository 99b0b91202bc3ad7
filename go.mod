module groupsync

go 1.26
