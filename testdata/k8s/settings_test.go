package k8s

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

// setting is a row of the README's table of settings: a flag, a variable, or both.
var setting = regexp.MustCompile("(?m)^\\| (?:`(--[a-z-]+)`)? ?\\| (?:`([A-Z_]+)`)? ?\\|")

// variable is one that Kubernetes puts into an argument.
var variable = regexp.MustCompile(`\$\(([A-Z_]+)\)`)

// The arguments and variables are ones that the program knows, and Kubernetes can fill in.
func TestSettingsExist(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"JOB_NAME": true}
	for _, row := range setting.FindAllSubmatch(readme, -1) {
		known[string(row[1])], known[string(row[2])] = true, true
	}
	for name, job := range jobs(manifests(t)) {
		container := job.Template.Spec.Containers[0]
		defined := []string{}
		for _, e := range container.Env {
			defined = append(defined, e.Name)
			if !known[e.Name] {
				t.Errorf("%s: the program knows no variable %s", name, e.Name)
			}
		}
		if job.CompletionMode != nil && *job.CompletionMode == batchv1.IndexedCompletion {
			defined = append(defined, "JOB_COMPLETION_INDEX") // by Kubernetes
		}
		for _, arg := range container.Args {
			if flag, _, _ := strings.Cut(arg, "="); strings.HasPrefix(arg, "--") && !known[flag] {
				t.Errorf("%s: the program knows no flag %s", name, flag)
			}
			for _, v := range variable.FindAllStringSubmatch(arg, -1) {
				if !slices.Contains(defined, v[1]) {
					t.Errorf("%s: nothing fills %s in", name, arg)
				}
			}
		}
		for _, needed := range [][2]string{{"--store-file", "ECWID_STORE_ID"}, {"--token-file", "ECWID_TOKEN_FILE"}} {
			given := func(arg string) bool { return strings.HasPrefix(arg, needed[0]+"=") }
			if !slices.ContainsFunc(container.Args, given) && !slices.Contains(defined, needed[1]) {
				t.Errorf("%s: neither %s nor %s", name, needed[0], needed[1])
			}
		}
	}
}

// What a pod reads from a ConfigMap or a Secret is among its keys, for each store that a job goes through.
func TestKeysExist(t *testing.T) {
	keys := map[string][]string{}
	objects := manifests(t)
	for _, object := range objects {
		switch o := object.(type) {
		case *corev1.ConfigMap:
			for key := range o.Data {
				keys[o.Name] = append(keys[o.Name], key)
			}
		case *corev1.Secret:
			for key := range o.StringData {
				keys[o.Name] = append(keys[o.Name], key)
			}
		}
	}
	for name, job := range jobs(objects) {
		pod := job.Template.Spec
		sources := map[string]string{} // by where they are mounted
		for _, v := range pod.Volumes {
			for _, m := range pod.Containers[0].VolumeMounts {
				switch {
				case m.Name != v.Name:
				case v.Secret != nil:
					sources[m.MountPath] = v.Secret.SecretName
				case v.ConfigMap != nil:
					sources[m.MountPath] = v.ConfigMap.Name
				}
			}
		}
		indices := 1
		if job.Completions != nil {
			indices = int(*job.Completions)
		}
		texts := slices.Clone(pod.Containers[0].Args)
		for _, e := range pod.Containers[0].Env {
			texts = append(texts, e.Value)
		}
		for _, text := range texts {
			for mount, source := range sources {
				_, file, ok := strings.Cut(text, mount+"/")
				if !ok {
					continue
				}
				for i := range indices {
					key := strings.ReplaceAll(file, "$(JOB_COMPLETION_INDEX)", strconv.Itoa(i))
					if !slices.Contains(keys[source], key) {
						t.Errorf("%s: %s has no key %s", name, source, key)
					}
				}
				if strings.Contains(file, "$(JOB_COMPLETION_INDEX)") && len(keys[source]) != indices {
					t.Errorf("%s goes through %d of the %d keys of %s", name, indices, len(keys[source]), source)
				}
			}
		}
	}
}

// A schedule has five fields: minute, hour, day, month, day of the week.
func TestSchedule(t *testing.T) {
	field := `(\*|\d+)([-/,]\d+)*`
	five := regexp.MustCompile(`^` + field + `( ` + field + `){4}$`)
	for _, object := range manifests(t) {
		if cron, ok := object.(*batchv1.CronJob); ok && !five.MatchString(cron.Spec.Schedule) {
			t.Errorf("%s: the schedule is %q", cron.Name, cron.Spec.Schedule)
		}
	}
}
