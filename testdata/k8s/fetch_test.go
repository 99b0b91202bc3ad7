package k8s

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The init container fetches the whole file or nothing, and does not fetch it again once the job has results:
// those belong to that file.
func TestFetch(t *testing.T) {
	fetching := 0
	for _, j := range syncs(t) {
		for _, container := range j.pod.InitContainers {
			fetching++
			if strings.Join(container.Command, " ") != "sh -euc" || len(container.Args) != 1 {
				t.Fatalf("%s runs %q", j.name, container.Command)
			}
			dir := t.TempDir()
			write(t, dir, "stores/store-0", "1003\n")
			// A replacement for curl: it writes the address to the file, and fails on request.
			write(t, dir, "bin/curl", "#!/bin/sh\nwhile [ $1 != --output ]; do shift; done\necho $3 > $2\nexit $FAILS\n")
			script := strings.NewReplacer("/data/", dir+"/data/", "/stores/", dir+"/stores/").Replace(container.Args[0])
			run := func(address, fails string) error {
				shell := exec.CommandContext(t.Context(), container.Command[0], container.Command[1], script)
				shell.Env = []string{"PATH=" + dir + "/bin:" + os.Getenv("PATH"), "FAILS=" + fails, "JOB_NAME=night", "JOB_COMPLETION_INDEX=0", "GROUPS_URL=" + address}
				out, err := shell.CombinedOutput()
				t.Logf("%s: %s", j.name, out)
				return err
			}
			file, results, suffix := "data/groups.csv", "data/night.results.csv", ""
			if j.isIndexed() {
				file, results, suffix = "data/0.csv", "data/night-0.results.csv", "/1003.csv"
			}
			write(t, dir, file, "of the previous day\n")

			if err := run("https://a", "22"); err == nil || read(t, dir, file) != "of the previous day\n" {
				t.Errorf("%s: a failed transfer ends with %v, and the file holds %q", j.name, err, read(t, dir, file))
			}
			if err := run("https://b", "0"); err != nil || read(t, dir, file) != "https://b"+suffix+"\n" {
				t.Errorf("%s: a transfer ends with %v, and the file holds %q", j.name, err, read(t, dir, file))
			}
			write(t, dir, results, "")
			if err := run("https://c", "0"); err != nil || read(t, dir, file) != "https://b"+suffix+"\n" {
				t.Errorf("%s: a retried pod ends with %v, and the file holds %q", j.name, err, read(t, dir, file))
			}
		}
	}
	if fetching == 0 {
		t.Error("nothing fetches a file")
	}
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o755); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
