// Package k8s checks the README's Kubernetes manifests. It is a module of its own, so that the program's
// go.mod need not know Kubernetes.
package k8s

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
)

// blocks are the README's fenced blocks of YAML.
var blocks = regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$")

// manifests decodes each manifest of the README, and refuses fields that its type does not have.
func manifests(t *testing.T) []runtime.Object {
	t.Helper()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	scheme := runtime.NewScheme()
	if err := corev1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	if err := batchv1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	decoder := json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme, scheme, json.SerializerOptions{Yaml: true, Strict: true})
	var objects []runtime.Object
	for _, block := range blocks.FindAllSubmatch(readme, -1) {
		for manifest := range bytes.SplitSeq(block[1], []byte("---\n")) {
			object, _, err := decoder.Decode(manifest, nil, nil)
			if err != nil {
				t.Fatalf("%v in\n%s", err, manifest)
			}
			objects = append(objects, object)
		}
	}
	return objects
}

// jobs are the manifests' jobs by their name, those of cron jobs among them.
func jobs(objects []runtime.Object) map[string]batchv1.JobSpec {
	found := map[string]batchv1.JobSpec{}
	for _, object := range objects {
		switch o := object.(type) {
		case *batchv1.Job:
			found["Job "+o.Name] = o.Spec
		case *batchv1.CronJob:
			found["CronJob "+o.Name] = o.Spec.JobTemplate.Spec
		}
	}
	return found
}

func TestManifestsAreComplete(t *testing.T) {
	var got []string
	for _, object := range manifests(t) {
		got = append(got, object.GetObjectKind().GroupVersionKind().Kind)
	}
	want := []string{
		"Namespace", "Secret", "PersistentVolumeClaim", "CronJob", "ConfigMap", "Job",
		"ConfigMap", "Secret", "PersistentVolumeClaim", "Job",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the manifests differ (-want +got):\n%s", diff)
	}
}

// Whatever a pod mounts is among the manifests, and in their namespace.
func TestVolumesExist(t *testing.T) {
	objects := manifests(t)
	there := map[string]bool{}
	for _, object := range objects {
		accessor, ok := object.(interface{ GetName() string })
		if !ok {
			t.Fatalf("%T has no name", object)
		}
		there[object.GetObjectKind().GroupVersionKind().Kind+" "+accessor.GetName()] = true
		namespaced := object.(interface{ GetNamespace() string })
		if _, is := object.(*corev1.Namespace); !is && namespaced.GetNamespace() != "groupsync" {
			t.Errorf("%s is in no namespace", accessor.GetName())
		}
	}
	for name, job := range jobs(objects) {
		pod := job.Template.Spec
		volumes := map[string]bool{}
		for _, v := range pod.Volumes {
			volumes[v.Name] = true
			var source string
			switch {
			case v.Secret != nil:
				source = "Secret " + v.Secret.SecretName
				if mode := v.Secret.DefaultMode; mode == nil || *mode != 0o440 {
					t.Errorf("%s: the token can be read by others, or not by its group", name)
				}
			case v.ConfigMap != nil:
				source = "ConfigMap " + v.ConfigMap.Name
			case v.PersistentVolumeClaim != nil:
				source = "PersistentVolumeClaim " + v.PersistentVolumeClaim.ClaimName
			}
			if !there[source] {
				t.Errorf("%s: there is no %s", name, source)
			}
		}
		for _, mount := range pod.Containers[0].VolumeMounts {
			if !volumes[mount.Name] {
				t.Errorf("%s mounts %s, which is no volume", name, mount.Name)
			}
		}
	}
}

// A pod that was disrupted is replaced without counting; what another run can't mend ends the job.
func TestPodFailurePolicy(t *testing.T) {
	for name, job := range jobs(manifests(t)) {
		if job.PodFailurePolicy == nil || len(job.PodFailurePolicy.Rules) != 2 {
			t.Fatalf("%s: the policy is %+v", name, job.PodFailurePolicy)
		}
		end, limit := batchv1.PodFailurePolicyActionFailJob, job.BackoffLimit
		if job.CompletionMode != nil && *job.CompletionMode == batchv1.IndexedCompletion {
			end, limit = batchv1.PodFailurePolicyActionFailIndex, job.BackoffLimitPerIndex
			if job.Completions == nil {
				t.Errorf("%s: an indexed job needs to know how many", name)
			}
		}
		disrupted, hopeless := job.PodFailurePolicy.Rules[0], job.PodFailurePolicy.Rules[1]
		if disrupted.Action != batchv1.PodFailurePolicyActionIgnore || disrupted.OnPodConditions[0].Type != corev1.DisruptionTarget || disrupted.OnPodConditions[0].Status != corev1.ConditionTrue {
			t.Errorf("%s: the first rule is %+v", name, disrupted)
		}
		codes := hopeless.OnExitCodes
		if hopeless.Action != end || codes.Operator != batchv1.PodFailurePolicyOnExitCodesOpIn || !slices.Equal(codes.Values, []int32{1, 2, 3, 70}) ||
			*codes.ContainerName != job.Template.Spec.Containers[0].Name {
			t.Errorf("%s: the second rule is %+v", name, hopeless)
		}
		if limit == nil || *limit < 1 {
			t.Errorf("%s: a run that ended with 4 is not gone on with", name)
		}
		if *job.PodReplacementPolicy != batchv1.Failed {
			t.Errorf("%s: two pods may write to one journal", name)
		}
		if job.Template.Spec.RestartPolicy != corev1.RestartPolicyNever {
			t.Errorf("%s: a podFailurePolicy needs restartPolicy Never", name)
		}
	}
}

// A retried pod continues the journal of its job, the next job begins one.
func TestJournalGoesByTheJob(t *testing.T) {
	for name, job := range jobs(manifests(t)) {
		container := job.Template.Spec.Containers[0]
		journal := "--results=/data/$(JOB_NAME).results.csv"
		if job.CompletionMode != nil {
			journal = "--results=/data/$(JOB_NAME)-$(JOB_COMPLETION_INDEX).results.csv"
		}
		if container.Args[0] != "sync" || !slices.Contains(container.Args, "--resume") || !slices.Contains(container.Args, journal) {
			t.Errorf("%s: the arguments are %q", name, container.Args)
		}
		i := slices.IndexFunc(container.Env, func(e corev1.EnvVar) bool { return e.Name == "JOB_NAME" })
		if i < 0 || container.Env[i].ValueFrom.FieldRef.FieldPath != fmt.Sprintf("metadata.labels['%s']", batchv1.JobNameLabel) {
			t.Errorf("%s: JOB_NAME is not the job's name", name)
		}
		for _, arg := range container.Args {
			for _, mounted := range strings.Split(arg, "=") {
				within := func(m corev1.VolumeMount) bool { return strings.HasPrefix(mounted, m.MountPath+"/") }
				if strings.HasPrefix(mounted, "/") && !slices.ContainsFunc(container.VolumeMounts, within) {
					t.Errorf("%s: nothing is mounted where %s is", name, mounted)
				}
			}
		}
	}
}

// The restricted pod security standard, and a root file system that stays as it is:
// https://kubernetes.io/docs/concepts/security/pod-security-standards
func TestRestricted(t *testing.T) {
	for name, job := range jobs(manifests(t)) {
		pod := job.Template.Spec
		container := pod.Containers[0]
		switch s := pod.SecurityContext; {
		case s == nil, s.RunAsNonRoot == nil, !*s.RunAsNonRoot, *s.RunAsUser != 65532, *s.FSGroup != 65532,
			s.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault:
			t.Errorf("%s: the pod's security context is %+v", name, s)
		}
		switch s := container.SecurityContext; {
		case s == nil, *s.AllowPrivilegeEscalation, !*s.ReadOnlyRootFilesystem, !slices.Equal(s.Capabilities.Drop, []corev1.Capability{"ALL"}):
			t.Errorf("%s: the container's security context is %+v", name, s)
		}
		if *pod.AutomountServiceAccountToken {
			t.Errorf("%s: the pod gets a token for the cluster", name)
		}
		if *pod.TerminationGracePeriodSeconds < 20 {
			t.Errorf("%s: requests under way are killed", name)
		}
		if container.Resources.Limits.Memory().IsZero() || container.Resources.Requests.Cpu().IsZero() {
			t.Errorf("%s: the resources are %+v", name, container.Resources)
		}
	}
}

func TestCronJobsDoNotOverlap(t *testing.T) {
	for _, object := range manifests(t) {
		if cron, ok := object.(*batchv1.CronJob); ok && cron.Spec.ConcurrencyPolicy != batchv1.ForbidConcurrent {
			t.Errorf("%s: the policy is %s", cron.Name, cron.Spec.ConcurrencyPolicy)
		}
	}
}
