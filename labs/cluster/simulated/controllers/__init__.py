"""What acts on objects by itself: Pods that start, Deployments, Kyverno, Argo CD, Crossplane."""
