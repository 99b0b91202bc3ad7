package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"groupsync/sync"
	"groupsync/sync/plan"
)

const alertRules = "../../testdata/prometheus/alerts.yml"

// writtenMetrics returns the metrics of a run and of a plan in the text format.
func writtenMetrics(t *testing.T) []byte {
	t.Helper()
	dir := t.TempDir()
	runFile, planFile := filepath.Join(dir, "run.prom"), filepath.Join(dir, "plan.prom")
	if err := newMetrics(runFile, "1003").send(t.Context(), sync.Summary{Started: time.Now()}, exitGood); err != nil {
		t.Fatal(err)
	}
	if err := newPlanMetrics(planFile, "1003").sendPlan(t.Context(), plan.Totals{Puts: 1}, time.Now()); err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, path := range []string{runFile, planFile} {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, data...)
	}
	return all
}

// Every metric that an alert uses is written: otherwise the alert would never fire.
func TestAlertMetricsExist(t *testing.T) {
	rules, err := os.ReadFile(alertRules)
	if err != nil {
		t.Fatal(err)
	}
	written := writtenMetrics(t)
	name := regexp.MustCompile(`groupsync_\w+`)
	found := 0
	for _, expression := range regexp.MustCompile(`(?m)^ +expr: .*$`).FindAll(rules, -1) {
		for _, metric := range name.FindAll(expression, -1) {
			found++
			if !bytes.Contains(written, append([]byte("\n# TYPE "), append(metric, ' ')...)) {
				t.Errorf("an alert uses %s, which is not written", metric)
			}
		}
	}
	if found == 0 {
		t.Error("no alert uses a metric")
	}
}

// Each alert has a case in which it fires.
func TestAlertsHaveCases(t *testing.T) {
	alerts := names(t, alertRules, `(?m)^ +- alert: (\w+)$`)
	firing := names(t, "../../testdata/prometheus/alerts_test.yml", `alertname: (\w+)\n +exp_alerts:\n`)
	for _, alert := range alerts {
		if !slices.Contains(firing, alert) {
			t.Errorf("there is no case in which %s fires", alert)
		}
	}
	if len(alerts) == 0 {
		t.Error("there is no alert")
	}
}

// names returns what the group in the pattern matches, once for each match in the file.
func names(t *testing.T, path, pattern string) []string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, match := range regexp.MustCompile(pattern).FindAllSubmatch(data, -1) {
		found = append(found, string(match[1]))
	}
	return found
}

// promtool, if it is installed, accepts the rules, their test cases and the metrics.
func TestPromtool(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Log("promtool is not installed (Debian's package prometheus): the alerts are not evaluated")
		return
	}
	for _, args := range [][]string{
		{"check", "rules", "alerts.yml"},
		{"test", "rules", "alerts_test.yml"},
		{"check", "metrics"},
	} {
		command := exec.CommandContext(t.Context(), promtool, args...)
		command.Dir = filepath.Dir(alertRules)
		command.Stdin = bytes.NewReader(writtenMetrics(t))
		if out, err := command.CombinedOutput(); err != nil {
			t.Errorf("promtool %q: %v\n%s", args, err, out)
		}
	}
}
