"""The objects that an installation of Kyverno, Argo CD or Crossplane puts into a cluster."""
