package k8s

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

// setting matches a row of the README's table of settings: a flag, a variable, or both.
var setting = regexp.MustCompile("(?m)^\\| (?:`(--[a-z-]+)`)? ?\\| (?:`([A-Z_]+)`)? ?\\|")

// variable matches a variable that Kubernetes expands in an argument.
var variable = regexp.MustCompile(`\$\(([A-Z_]+)\)`)

// The program has every flag and variable that the manifests use, and Kubernetes can expand every argument.
func TestSettingsExist(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"JOB_NAME": true, "--older-than": strings.Contains(string(readme), " --older-than ")}
	for _, row := range setting.FindAllSubmatch(readme, -1) {
		known[string(row[1])], known[string(row[2])] = true, true
	}
	for _, j := range allJobs(t) {
		defined := []string{}
		for _, e := range j.program.Env {
			defined = append(defined, e.Name)
			if !known[e.Name] {
				t.Errorf("%s: the program has no variable %s", j.name, e.Name)
			}
		}
		if j.isIndexed() {
			defined = append(defined, "JOB_COMPLETION_INDEX") // by Kubernetes
		}
		for _, arg := range j.program.Args {
			if flag, _, _ := strings.Cut(arg, "="); strings.HasPrefix(arg, "--") && !known[flag] {
				t.Errorf("%s: the program has no flag %s", j.name, flag)
			}
			for _, v := range variable.FindAllStringSubmatch(arg, -1) {
				if !slices.Contains(defined, v[1]) {
					t.Errorf("%s: nothing fills in %s", j.name, arg)
				}
			}
		}
	}
	for _, j := range syncs(t) {
		for flag, variable := range map[string]string{"--store-file": "ECWID_STORE_ID", "--token-file": "ECWID_TOKEN_FILE"} {
			isSet := func(e corev1.EnvVar) bool { return e.Name == variable }
			if j.flag(flag) == "" && !slices.ContainsFunc(j.program.Env, isSet) {
				t.Errorf("%s: neither %s nor %s", j.name, flag, variable)
			}
		}
	}
}

// Every key that a pod reads from a ConfigMap or a Secret exists, for each store of a job.
func TestKeysExist(t *testing.T) {
	keys := map[string][]string{}
	for _, overlay := range overlays {
		for name, all := range secretsOf(t, overlay) {
			keys[overlay+": Secret "+name] = all
		}
		for _, object := range build(t, overlay) {
			if o, ok := object.(*corev1.ConfigMap); ok {
				for key := range o.Data {
					keys[overlay+": ConfigMap "+o.Name] = append(keys[overlay+": ConfigMap "+o.Name], key)
				}
			}
		}
	}
	checked := 0
	for _, j := range allJobs(t) {
		sources := map[string]string{} // by where they are mounted
		for _, v := range j.pod.Volumes {
			for _, m := range j.program.VolumeMounts {
				switch {
				case m.Name != v.Name:
				case v.Secret != nil:
					sources[m.MountPath] = j.overlay + ": Secret " + v.Secret.SecretName
				case v.ConfigMap != nil:
					sources[m.MountPath] = j.overlay + ": ConfigMap " + v.ConfigMap.Name
				}
			}
		}
		indices := 1
		if j.spec.Completions != nil {
			indices = int(*j.spec.Completions)
		}
		values := slices.Clone(j.program.Args)
		for _, e := range j.program.Env {
			values = append(values, e.Value)
		}
		for _, value := range values {
			for mount, source := range sources {
				_, file, ok := strings.Cut(value, mount+"/")
				if !ok {
					continue
				}
				for i := range indices {
					checked++
					key := strings.ReplaceAll(file, "$(JOB_COMPLETION_INDEX)", strconv.Itoa(i))
					if !slices.Contains(keys[source], key) {
						t.Errorf("%s: %s has no key %s", j.name, source, key)
					}
				}
				if strings.Contains(file, "$(JOB_COMPLETION_INDEX)") && len(keys[source]) != indices {
					t.Errorf("%s uses %d of the %d keys of %s", j.name, indices, len(keys[source]), source)
				}
			}
		}
	}
	if checked < 9 {
		t.Errorf("%d keys were checked", checked)
	}
}

// A schedule has five fields: minute, hour, day, month, day of the week.
func TestSchedule(t *testing.T) {
	field := `(\*|\d+)([-/,]\d+)*`
	five := regexp.MustCompile(`^` + field + `( ` + field + `){4}$`)
	for _, j := range allJobs(t) {
		if j.cron != nil && !five.MatchString(j.cron.Schedule) {
			t.Errorf("%s: the schedule is %q", j.name, j.cron.Schedule)
		}
	}
}
