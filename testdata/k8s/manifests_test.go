package k8s

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	psa "k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// secretsOf returns the keys of the secrets that the commands in the comment of an overlay create. No file contains a
// token.
func secretsOf(t *testing.T, overlay string) map[string][]string {
	t.Helper()
	kustomization, err := os.ReadFile(filepath.Join(overlay, "kustomization.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	secrets := map[string][]string{}
	for _, command := range regexp.MustCompile(`create secret generic (\S+) (.*)`).FindAllStringSubmatch(string(kustomization), -1) {
		for _, key := range regexp.MustCompile(`--from-file=([^= ]+)=`).FindAllStringSubmatch(command[2], -1) {
			secrets[command[1]] = append(secrets[command[1]], key[1])
		}
	}
	return secrets
}

// Everything that a pod mounts exists.
func TestVolumesExist(t *testing.T) {
	exists := map[string]bool{}
	for _, overlay := range overlays {
		for _, object := range build(t, overlay) {
			exists[overlay+": "+kindAndName(t, object)] = true
		}
		for name := range secretsOf(t, overlay) {
			exists[overlay+": Secret "+name] = true
		}
	}
	for _, j := range allJobs(t) {
		volumes := map[string]bool{}
		for _, v := range j.pod.Volumes {
			volumes[v.Name] = true
			var source string
			switch {
			case v.Secret != nil:
				source = "Secret " + v.Secret.SecretName
				if mode := v.Secret.DefaultMode; mode == nil || *mode != 0o440 {
					t.Errorf("%s: others can read the token, or its group cannot", j.name)
				}
			case v.ConfigMap != nil:
				source = "ConfigMap " + v.ConfigMap.Name
			case v.PersistentVolumeClaim != nil:
				source = "PersistentVolumeClaim " + v.PersistentVolumeClaim.ClaimName
			}
			if !exists[j.overlay+": "+source] {
				t.Errorf("%s: no %s exists", j.name, source)
			}
		}
		for _, container := range j.containers() {
			for _, mount := range container.VolumeMounts {
				if !volumes[mount.Name] {
					t.Errorf("%s mounts %s, which is not a volume", j.name, mount.Name)
				}
			}
		}
	}
}

// A pod that was disrupted is replaced, and does not count towards the limit. An error that another attempt cannot fix
// ends the job.
func TestPodFailurePolicy(t *testing.T) {
	for _, j := range allJobs(t) {
		if j.spec.PodFailurePolicy == nil || len(j.spec.PodFailurePolicy.Rules) != 2 {
			t.Fatalf("%s: the policy is %+v", j.name, j.spec.PodFailurePolicy)
		}
		end, limit := batchv1.PodFailurePolicyActionFailJob, j.spec.BackoffLimit
		if j.isIndexed() {
			end, limit = batchv1.PodFailurePolicyActionFailIndex, j.spec.BackoffLimitPerIndex
			if j.spec.Completions == nil {
				t.Errorf("%s: an indexed job needs the number of its completions", j.name)
			}
		}
		disrupted, hopeless := j.spec.PodFailurePolicy.Rules[0], j.spec.PodFailurePolicy.Rules[1]
		if disrupted.Action != batchv1.PodFailurePolicyActionIgnore || disrupted.OnPodConditions[0].Type != corev1.DisruptionTarget || disrupted.OnPodConditions[0].Status != corev1.ConditionTrue {
			t.Errorf("%s: the first rule is %+v", j.name, disrupted)
		}
		codes := hopeless.OnExitCodes
		if hopeless.Action != end || codes.Operator != batchv1.PodFailurePolicyOnExitCodesOpIn || !slices.Equal(codes.Values, []int32{1, 2, 3, 70}) ||
			*codes.ContainerName != j.program.Name {
			t.Errorf("%s: the second rule is %+v", j.name, hopeless)
		}
		if limit == nil || *limit < 1 {
			t.Errorf("%s: nothing continues a run that ended with 4", j.name)
		}
		if *j.spec.PodReplacementPolicy != batchv1.Failed {
			t.Errorf("%s: two pods may write to one results file", j.name)
		}
		if j.pod.RestartPolicy != corev1.RestartPolicyNever {
			t.Errorf("%s: a podFailurePolicy needs restartPolicy Never", j.name)
		}
	}
}

// A retried pod continues the results of its job; the next job starts new results.
func TestResultsAreNamedAfterTheJob(t *testing.T) {
	for _, j := range syncs(t) {
		results := "/data/$(JOB_NAME).results.csv"
		if j.isIndexed() {
			results = "/data/$(JOB_NAME)-$(JOB_COMPLETION_INDEX).results.csv"
		}
		if !slices.Contains(j.program.Args, "--resume") && !slices.Contains(j.program.Args, "--retry") || j.flag("--results") != results {
			t.Errorf("%s: the arguments are %q", j.name, j.program.Args)
		}
		for _, container := range j.containers() {
			i := slices.IndexFunc(container.Env, func(e corev1.EnvVar) bool { return e.Name == "JOB_NAME" })
			if i < 0 || container.Env[i].ValueFrom.FieldRef.FieldPath != fmt.Sprintf("metadata.labels['%s']", batchv1.JobNameLabel) {
				t.Errorf("%s: JOB_NAME of %s is not the job's name", j.name, container.Name)
			}
		}
		for _, arg := range j.program.Args {
			for _, path := range strings.Split(arg, "=") {
				within := func(m corev1.VolumeMount) bool { return strings.HasPrefix(path, m.MountPath+"/") }
				if strings.HasPrefix(path, "/") && !slices.ContainsFunc(j.program.VolumeMounts, within) {
					t.Errorf("%s: nothing is mounted at %s", j.name, path)
				}
			}
		}
	}
}

// Old results are removed from the volume that the nightly run writes to.
func TestTidyVolume(t *testing.T) {
	claims := map[string]string{} // by command
	for _, j := range allJobs(t) {
		if j.overlay != "nightly" {
			continue
		}
		for _, v := range j.pod.Volumes {
			if v.PersistentVolumeClaim != nil {
				claims[j.program.Args[0]] = v.PersistentVolumeClaim.ClaimName
			}
		}
		if j.program.Args[0] == "tidy-results" && j.program.Args[len(j.program.Args)-1] != j.program.VolumeMounts[0].MountPath {
			t.Errorf("%s: the arguments are %q", j.name, j.program.Args)
		}
	}
	if claims["sync"] == "" || claims["sync"] != claims["tidy-results"] {
		t.Errorf("the claims are %v", claims)
	}
}

// Pods meet the restricted pod security standard, and their root file system is read-only:
// https://kubernetes.io/docs/concepts/security/pod-security-standards
func TestRestricted(t *testing.T) {
	standard, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	restricted := psa.LevelVersion{Level: psa.LevelRestricted, Version: psa.LatestVersion()}
	for _, j := range allJobs(t) {
		verdict := policy.AggregateCheckResults(standard.EvaluatePod(restricted, &j.spec.Template.ObjectMeta, &j.pod))
		if !verdict.Allowed {
			t.Errorf("%s: %s", j.name, verdict.ForbiddenDetail())
		}
		switch s := j.pod.SecurityContext; {
		case s == nil, s.RunAsNonRoot == nil, !*s.RunAsNonRoot, *s.RunAsUser != 65532, *s.FSGroup != 65532,
			s.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault:
			t.Errorf("%s: the pod's security context is %+v", j.name, s)
		}
		for _, container := range j.containers() {
			switch s := container.SecurityContext; {
			case s == nil, *s.AllowPrivilegeEscalation, !*s.ReadOnlyRootFilesystem, !slices.Equal(s.Capabilities.Drop, []corev1.Capability{"ALL"}):
				t.Errorf("%s: the security context of %s is %+v", j.name, container.Name, s)
			}
			if container.Resources.Limits.Memory().IsZero() || container.Resources.Requests.Cpu().IsZero() {
				t.Errorf("%s: the resources of %s are %+v", j.name, container.Name, container.Resources)
			}
		}
		if *j.pod.AutomountServiceAccountToken {
			t.Errorf("%s: the pod gets a token for the cluster", j.name)
		}
		if *j.pod.TerminationGracePeriodSeconds < 20 {
			t.Errorf("%s: requests in flight are killed", j.name)
		}
	}
}

// A nightly run ends before the next one begins, even if it begins as late as is allowed, and finished jobs are removed.
func TestDeadlines(t *testing.T) {
	for _, j := range allJobs(t) {
		if j.spec.ActiveDeadlineSeconds == nil || j.spec.TTLSecondsAfterFinished == nil {
			t.Fatalf("%s has no end: %v, %v", j.name, j.spec.ActiveDeadlineSeconds, j.spec.TTLSecondsAfterFinished)
		}
		longest := time.Duration(*j.spec.ActiveDeadlineSeconds+*j.pod.TerminationGracePeriodSeconds) * time.Second
		if j.cron != nil {
			if j.cron.ConcurrencyPolicy != batchv1.ForbidConcurrent {
				t.Errorf("%s: the policy is %s", j.name, j.cron.ConcurrencyPolicy)
			}
			longest += time.Duration(*j.cron.StartingDeadlineSeconds) * time.Second
		}
		if longest >= 24*time.Hour {
			t.Errorf("%s may take %v", j.name, longest)
		}
		if j.program.Args[0] != "sync" {
			continue
		}
		run, err := time.ParseDuration(j.flag("--max-duration"))
		if err != nil || run >= time.Duration(*j.spec.ActiveDeadlineSeconds)*time.Second {
			t.Errorf("%s: a run does not end by itself before its job is ended: %v, %v", j.name, run, err)
		}
	}
}

// Every image has a fixed tag.
func TestImagesArePinned(t *testing.T) {
	tag := regexp.MustCompile(`:[0-9]+(\.[0-9]+)+$`)
	for _, j := range allJobs(t) {
		for _, container := range j.containers() {
			if !tag.MatchString(container.Image) {
				t.Errorf("%s: %s runs %s", j.name, container.Name, container.Image)
			}
		}
	}
}
