// Package k8s checks the Kubernetes manifests in its folders. It is a separate module, so the program
// does not depend on Kubernetes.
package k8s

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// overlays are the folders that kubectl apply -k takes.
var overlays = []string{"nightly", "once", "stores"}

// build returns what kubectl apply -k sends for an overlay. It refuses fields that their type does not have.
func build(t *testing.T, overlay string) []runtime.Object {
	t.Helper()
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), overlay)
	if err != nil {
		t.Fatal(err)
	}
	manifests, err := resources.AsYaml()
	if err != nil {
		t.Fatal(err)
	}
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, batchv1.AddToScheme, networkingv1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	decoder := json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme, scheme, json.SerializerOptions{Yaml: true, Strict: true})
	var objects []runtime.Object
	for manifest := range bytes.SplitSeq(manifests, []byte("\n---\n")) {
		object, _, err := decoder.Decode(manifest, nil, nil)
		if err != nil {
			t.Fatalf("%v in\n%s", err, manifest)
		}
		objects = append(objects, object)
	}
	return objects
}

// kindAndName returns what identifies an object in its namespace.
func kindAndName(t *testing.T, object runtime.Object) string {
	t.Helper()
	named, ok := object.(metav1.Object)
	if !ok {
		t.Fatalf("%T has no name", object)
	}
	return object.GetObjectKind().GroupVersionKind().Kind + " " + named.GetName()
}

// job is a Job, or the template from which a CronJob creates jobs.
type job struct {
	overlay, name string
	cron          *batchv1.CronJobSpec // nil: not a CronJob
	labels        map[string]string    // of its pods
	spec          batchv1.JobSpec
	pod           corev1.PodSpec
	program       corev1.Container // the one that runs groupsync
}

// allJobs returns the jobs of every overlay.
func allJobs(t *testing.T) []job {
	t.Helper()
	var jobs []job
	for _, overlay := range overlays {
		for _, object := range build(t, overlay) {
			j := job{overlay: overlay}
			switch o := object.(type) {
			case *batchv1.Job:
				j.spec = o.Spec
			case *batchv1.CronJob:
				j.cron, j.spec = &o.Spec, o.Spec.JobTemplate.Spec
			default:
				continue
			}
			j.name = overlay + ": " + kindAndName(t, object)
			j.labels, j.pod = j.spec.Template.Labels, j.spec.Template.Spec
			if len(j.pod.Containers) != 1 {
				t.Fatalf("%s has %d containers", j.name, len(j.pod.Containers))
			}
			j.program = j.pod.Containers[0]
			jobs = append(jobs, j)
		}
	}
	return jobs
}

// syncs returns the jobs that run groupsync sync.
func syncs(t *testing.T) []job {
	t.Helper()
	return slices.DeleteFunc(allJobs(t), func(j job) bool { return j.program.Args[0] != "sync" })
}

func (j job) isIndexed() bool {
	return j.spec.CompletionMode != nil && *j.spec.CompletionMode == batchv1.IndexedCompletion
}

// containers returns the containers of a pod, including those that prepare it.
func (j job) containers() []corev1.Container {
	return append(slices.Clone(j.pod.InitContainers), j.program)
}

// flag returns the value of one of the program's flags, "" if it is not set.
func (j job) flag(name string) string {
	for _, arg := range j.program.Args {
		if value, ok := strings.CutPrefix(arg, name+"="); ok {
			return value
		}
	}
	return ""
}

func TestManifestsAreComplete(t *testing.T) {
	want := map[string][]string{
		"nightly": {
			"CronJob groupsync", "CronJob groupsync-tidy", "Namespace groupsync", "NetworkPolicy default-deny",
			"NetworkPolicy pushgateway", "NetworkPolicy sync", "PersistentVolumeClaim groupsync",
		},
		"once": {
			"ConfigMap groups-HASH", "Job groupsync-once", "Namespace groupsync", "NetworkPolicy default-deny",
			"NetworkPolicy sync", "PersistentVolumeClaim groupsync-once",
		},
		"stores": {
			"ConfigMap stores-HASH", "Job groupsync-stores", "Namespace groupsync", "NetworkPolicy default-deny",
			"NetworkPolicy sync", "PersistentVolumeClaim groupsync-stores",
		},
	}
	for _, overlay := range overlays {
		var got []string
		for _, object := range build(t, overlay) {
			name := kindAndName(t, object)
			if kind, generated, ok := strings.Cut(name, " "); ok && kind == "ConfigMap" {
				stem, _, _ := strings.Cut(generated, "-")
				name = kind + " " + stem + "-HASH"
			}
			got = append(got, name)
		}
		slices.Sort(got)
		if diff := cmp.Diff(want[overlay], got); diff != "" {
			t.Errorf("%s: the manifests differ (-want +got):\n%s", overlay, diff)
		}
	}
}

// A manifest that is in no kustomization would never be applied.
func TestEveryFileIsUsed(t *testing.T) {
	files, err := filepath.Glob("*/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("found %d files, and %v", len(files), err)
	}
	for _, file := range files {
		kustomization, err := os.ReadFile(filepath.Join(filepath.Dir(file), "kustomization.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		if base := filepath.Base(file); base != "kustomization.yaml" && !strings.Contains(string(kustomization), base) {
			t.Errorf("no kustomization names %s", file)
		}
	}
}

// Everything is in the namespace and has the labels that Kubernetes recommends:
// https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels
func TestNamespaceAndLabels(t *testing.T) {
	for _, overlay := range overlays {
		for _, object := range build(t, overlay) {
			named := object.(metav1.Object)
			if _, is := object.(*corev1.Namespace); !is && named.GetNamespace() != "groupsync" {
				t.Errorf("%s: %s is in the namespace %q", overlay, kindAndName(t, object), named.GetNamespace())
			}
			if got := named.GetLabels()["app.kubernetes.io/name"]; got != "groupsync" {
				t.Errorf("%s: %s has the name label %q", overlay, kindAndName(t, object), got)
			}
		}
	}
	for _, j := range allJobs(t) {
		component := strings.TrimSuffix(j.program.Args[0], "-results")
		want := map[string]string{
			"app.kubernetes.io/name": "groupsync", "app.kubernetes.io/instance": j.overlay, "app.kubernetes.io/component": component,
		}
		if diff := cmp.Diff(want, j.labels); diff != "" {
			t.Errorf("%s: the labels of its pods differ (-want +got):\n%s", j.name, diff)
		}
	}
}
