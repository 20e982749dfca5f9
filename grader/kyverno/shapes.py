"""The fields of a Kyverno policy's `spec`, their types, bounds and defaults.

Source: the custom resource definitions of Kyverno 1.19.1, config/crds/kyverno/kyverno.io_clusterpolicies.yaml
(kyverno.io_policies.yaml has the same spec), versions v1 and v2beta1.

One shape is one string of `field:type`. Types: `str`, `bool`, `int`, `int32`, `any` (kept as it is), `[T]` a list,
`{T}` a map of T, or the name of a shape. Around a type: `!` before it is required; `(a|b)` the values allowed
(`@name` a list of LISTS); `>=1` the least value; `<=63` the greatest length; `=x` the default that the API server
writes. `#not:a,b` must not both be given, `#one:a,b,c` exactly one must be, `#open` keeps unknown fields.
"""

from __future__ import annotations

SPECS = {"v1": "Spec", "v2beta1": "SpecV2"}
"""The shape of `spec`, by the version of kyverno.io."""

_COMPARISONS = [
    "GreaterThanOrEquals", "GreaterThan", "LessThanOrEquals", "LessThan", "DurationGreaterThanOrEquals",
    "DurationGreaterThan", "DurationLessThanOrEquals", "DurationLessThan",
]  # fmt: skip
LISTS = {
    "Operators": ["Equals", "NotEquals", "In", "AnyIn", "AllIn", "NotIn", "AnyNotIn", "AllNotIn", *_COMPARISONS],
    "OperatorsV2": ["Equals", "NotEquals", "AnyIn", "AllIn", "AnyNotIn", "AllNotIn", *_COMPARISONS],
    "PodSecurityVersions": [f"v1.{minor}" for minor in range(19, 33)] + ["latest"],
    "PodSecurityControls": [
        "HostProcess", "Host Namespaces", "Privileged Containers", "Capabilities", "HostPath Volumes", "Host Ports",
        "AppArmor", "SELinux", "/proc Mount Type", "Seccomp", "Sysctls", "Volume Types", "Privilege Escalation",
        "Running as Non-root", "Running as Non-root user",
    ],
}  # fmt: skip

_SPEC = (
    "admission:bool=true applyRules:str(All|One) background:bool=true emitWarning:bool=false"
    " failurePolicy:str(Ignore|Fail) generateExisting:bool generateExistingOnPolicyUpdate:bool"
    " mutateExistingOnPolicyUpdate:bool schemaValidation:bool useServerSideApply:bool"
    " validationFailureAction:str(audit|enforce|Audit|Enforce)=Audit validationFailureActionOverrides:[Override]"
    " webhookConfiguration:Webhook webhookTimeoutSeconds:int32"
)
_RULE = (
    "name:!str<=63 celPreconditions:[Expression] context:[Context] generate:Generate imageExtractors:{[Extractor]}"
    " mutate:Mutate reportProperties:{str} skipBackgroundRequests:bool=true"
)
_VALIDATE = (
    "anyPattern:any assert:any cel:Cel failureAction:str(Audit|Enforce) failureActionOverrides:[Override]"
    " foreach:[ForeachValidate] manifests:Manifests message:str pattern:any podSecurity:PodSecurity"
)
_VERIFY = (
    "attestations:[Attestation] attestors:[AttestorSet] failureAction:str(Audit|Enforce) imageReferences:[str]"
    " imageRegistryCredentials:Credentials mutateDigest:bool=true repository:str required:bool=true"
    " skipImageReferences:[str] type:str(Cosign|SigstoreBundle|Notary) useCache:bool=true validate:VerifyValidate"
    " verifyDigest:bool=true"
)

SHAPES = {
    "Spec": f"rules:[Rule] {_SPEC}",
    "SpecV2": f"rules:[RuleV2] {_SPEC}",
    "Webhook": "failurePolicy:str(Ignore|Fail) matchConditions:[Expression] timeoutSeconds:int32",
    "Override": "action:str(audit|enforce|Audit|Enforce) namespaceSelector:Selector namespaces:[str]",
    "Expression": "expression:!str name:!str",
    "Rule": f"match:!Match exclude:Match preconditions:any validate:Validate verifyImages:[VerifyImages] {_RULE}",
    "RuleV2": "match:!MatchV2 exclude:MatchV2 preconditions:ConditionsV2 validate:ValidateV2"
    f" verifyImages:[VerifyImagesV2] {_RULE}",
    # match and exclude
    "Match": "#not:any,all all:[Filter] any:[Filter] clusterRoles:[str] resources:Resources roles:[str]"
    " subjects:[Subject]",
    "MatchV2": "#not:any,all all:[Filter] any:[Filter]",
    "Filter": "clusterRoles:[str] resources:Resources roles:[str] subjects:[Subject]",
    "Resources": "#not:name,names annotations:{str} kinds:[str] name:str names:[str] namespaceSelector:Selector"
    " namespaces:[str] operations:[str(CREATE|CONNECT|UPDATE|DELETE)] selector:Selector",
    "Selector": "matchExpressions:[Requirement] matchLabels:{str}",
    "Requirement": "key:!str operator:!str values:[str]",
    "Subject": "apiGroup:str kind:!str name:!str namespace:str",
    # conditions and context
    "Condition": "key:any message:str operator:str(@Operators) value:any",
    "ConditionV2": "key:any message:str operator:str(@OperatorsV2) value:any",
    "Conditions": "all:[Condition] any:[Condition]",
    "ConditionsV2": "all:[ConditionV2] any:[ConditionV2]",
    "OpenConditions": "#open all:[Condition] any:[Condition]",
    "Deny": "conditions:any",
    "DenyV2": "conditions:ConditionsV2",
    "Context": "#one:configMap,apiCall,imageRegistry,variable,globalReference apiCall:ApiCall configMap:ConfigMap"
    " globalReference:GlobalReference imageRegistry:ImageRegistry name:!str variable:Variable",
    "ApiCall": "data:[Data] default:any jmesPath:str method:str(GET|POST)=GET service:Service urlPath:str",
    "Data": "key:!str value:!any",
    "Service": "caBundle:str headers:[Header] url:!str",
    "Header": "key:!str value:!str",
    "ConfigMap": "name:!str namespace:str",
    "GlobalReference": "jmesPath:str name:!str",
    "ImageRegistry": "imageRegistryCredentials:Credentials jmesPath:str reference:!str",
    "Variable": "default:any jmesPath:str value:any",
    # verifyImages
    "VerifyImages": f"{_VERIFY} additionalExtensions:{{str}} annotations:{{str}} cosignOCI11:bool image:str issuer:str"
    " key:str roots:str subject:str",
    "VerifyImagesV2": _VERIFY,
    "VerifyValidate": "deny:Deny message:str",
    "Credentials": "allowInsecureRegistry:bool providers:[str(default|amazon|azure|google|github)] secrets:[str]",
    "Attestation": "attestors:[AttestorSet] conditions:[Conditions] name:str predicateType:str type:str",
    "AttestorSet": "count:int>=1 entries:[Attestor]",
    "Attestor": "annotations:{str} attestor:any certificates:Certificates keyless:Keyless keys:Keys repository:str"
    " signatureAlgorithm:str=sha256",
    "Keyless": "additionalExtensions:{str} ctlog:CTLog issuer:str issuerRegExp:str rekor:Rekor roots:str subject:str"
    " subjectRegExp:str",
    "Keys": "ctlog:CTLog kms:str publicKeys:str rekor:Rekor secret:SecretReference signatureAlgorithm:str=sha256",
    "Certificates": "cert:str certChain:str ctlog:CTLog rekor:Rekor",
    "Rekor": "ignoreTlog:bool pubkey:str url:str",
    "CTLog": "ignoreSCT:bool pubkey:str tsaCertChain:str",
    "SecretReference": "name:!str namespace:!str",
    "Extractor": "jmesPath:str key:str name:str path:!str value:str",
    # validate
    "Validate": f"{_VALIDATE} allowExistingViolations:bool=true deny:Deny",
    "ValidateV2": f"{_VALIDATE} deny:DenyV2",
    "ForeachValidate": "anyPattern:any context:[Context] deny:Deny elementScope:bool foreach:any list:str pattern:any"
    " preconditions:OpenConditions",
    "Manifests": "annotationDomain:str attestors:[AttestorSet] dryRun:DryRun ignoreFields:[IgnoreFields]"
    " repository:str",
    "DryRun": "enable:bool namespace:str",
    "IgnoreFields": "fields:[str] objects:[IgnoredObject]",
    "IgnoredObject": "group:str kind:str name:str namespace:str version:str",
    "PodSecurity": "exclude:[PodSecurityExclude] level:str(privileged|baseline|restricted)"
    " version:str(@PodSecurityVersions)",
    "PodSecurityExclude": "controlName:!str(@PodSecurityControls) images:[str] restrictedField:str values:[str]",
    "Cel": "auditAnnotations:[AuditAnnotation] expressions:[CelExpression] generate:bool=false paramKind:ParamKind"
    " paramRef:ParamRef variables:[Expression]",
    "AuditAnnotation": "key:!str valueExpression:!str",
    "CelExpression": "expression:!str message:str messageExpression:str reason:str",
    "ParamKind": "apiVersion:str kind:str",
    "ParamRef": "name:str namespace:str parameterNotFoundAction:str selector:Selector",
    # mutate and generate
    "Mutate": "foreach:[ForeachMutate] mutateExistingOnPolicyUpdate:bool patchStrategicMerge:any patchesJson6902:str"
    " targets:[Target]",
    "ForeachMutate": "context:[Context] foreach:any list:str order:str(Ascending|Descending) patchStrategicMerge:any"
    " patchesJson6902:str preconditions:OpenConditions",
    "Target": "apiVersion:str context:[Context] kind:str name:str namespace:str preconditions:any selector:Selector"
    " uid:str",
    "Generate": "apiVersion:str clone:Clone cloneList:CloneList data:any foreach:[ForeachGenerate]"
    " generateExisting:bool kind:str name:str namespace:str orphanDownstreamOnPolicyDelete:bool synchronize:bool"
    " uid:str",
    "ForeachGenerate": "apiVersion:str clone:Clone cloneList:CloneList context:[Context] data:any kind:str list:str"
    " name:str namespace:str preconditions:OpenConditions uid:str",
    "Clone": "name:str namespace:str",
    "CloneList": "kinds:[str] namespace:str selector:Selector",
}
