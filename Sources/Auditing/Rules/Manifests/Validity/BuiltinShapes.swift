import Manifests

extension ObjectShape {
    /// Of the built-in kinds that the network rests on; nil for others.
    static func of(_ object: ManifestObject) -> ObjectShape? {
        guard let spec = specs["\(object.group)/\(object.kind)"] else { return nil }
        return .known(spec.merging(["metadata": metadata]) { first, _ in first }, "apiVersion kind status")
    }

    private static let specs: [String: [String: ObjectShape]] = [
        "/Pod": ["spec": podSpec],
        "/Service": ["spec": service],
        "/ConfigMap": ["data": .texts, "binaryData": .texts, "immutable": .truth],
        "/Secret": ["data": .texts, "stringData": .texts, "type": .text, "immutable": .truth],
        "/Namespace": [:],
        "apps/Deployment": [
            "spec": workload("strategy minReadySeconds revisionHistoryLimit paused progressDeadlineSeconds")
        ],
        "apps/ReplicaSet": ["spec": workload("minReadySeconds")],
        "apps/DaemonSet": ["spec": workload("updateStrategy minReadySeconds revisionHistoryLimit")],
        "apps/StatefulSet": [
            "spec": workload(
                "volumeClaimTemplates podManagementPolicy updateStrategy revisionHistoryLimit minReadySeconds persistentVolumeClaimRetentionPolicy ordinals",
                ["serviceName": .text])
        ],
        "batch/Job": ["spec": job],
        "batch/CronJob": [
            "spec": .known(
                ["schedule": .text, "suspend": .truth, "jobTemplate": .known(["metadata": metadata, "spec": job])],
                "timeZone startingDeadlineSeconds concurrencyPolicy successfulJobsHistoryLimit failedJobsHistoryLimit")
        ],
        "networking.k8s.io/NetworkPolicy": ["spec": networkPolicy],
        "networking.k8s.io/Ingress": ["spec": ingress],
    ]

    private static let metadata = ObjectShape.known(
        ["name": .text, "generateName": .text, "namespace": .text, "labels": .texts, "annotations": .texts],
        "creationTimestamp deletionGracePeriodSeconds deletionTimestamp finalizers generation managedFields ownerReferences resourceVersion selfLink uid clusterName"
    )

    private static let selector = ObjectShape.only([
        "matchLabels": .texts,
        "matchExpressions": .list(.only(["key": .text, "operator": .text, "values": .list(.text)])),
    ])

    private static let template = ObjectShape.known(["metadata": metadata, "spec": podSpec])

    private static func workload(_ others: String, _ more: [String: ObjectShape] = [:]) -> ObjectShape {
        let fields: [String: ObjectShape] = ["replicas": .number, "selector": selector, "template": template]
        return .known(fields.merging(more) { first, _ in first }, others)
    }

    private static let job = ObjectShape.known(
        [
            "parallelism": .number, "completions": .number, "backoffLimit": .number, "suspend": .truth,
            "template": template,
        ],
        "activeDeadlineSeconds podFailurePolicy successPolicy backoffLimitPerIndex maxFailedIndexes selector manualSelector ttlSecondsAfterFinished completionMode podReplacementPolicy managedBy"
    )

    private static let podSpec = ObjectShape.known(
        [
            "containers": .list(container), "initContainers": .list(container), "volumes": .list(.anything),
            "nodeSelector": .texts, "hostNetwork": .truth, "restartPolicy": .text, "serviceAccountName": .text,
            "hostname": .text, "subdomain": .text, "dnsPolicy": .text, "nodeName": .text,
            "tolerations": .list(.anything),
            "imagePullSecrets": .list(.anything), "terminationGracePeriodSeconds": .number,
        ],
        """
        ephemeralContainers activeDeadlineSeconds serviceAccount automountServiceAccountToken hostPID hostIPC hostUsers \
        shareProcessNamespace securityContext affinity schedulerName hostAliases priorityClassName priority dnsConfig \
        readinessGates runtimeClassName enableServiceLinks preemptionPolicy overhead topologySpreadConstraints \
        setHostnameAsFQDN os schedulingGates resourceClaims resources hostnameOverride
        """)

    private static let container = ObjectShape.known(
        [
            "name": .text, "image": .text, "command": .list(.text), "args": .list(.text), "workingDir": .text,
            "ports": .list(
                .only([
                    "name": .text, "containerPort": .number, "hostPort": .number, "hostIP": .text, "protocol": .text,
                ])),
            "env": .list(.only(["name": .text, "value": .text, "valueFrom": .anything])), "envFrom": .list(.anything),
            "volumeMounts": .list(
                .known(
                    ["name": .text, "mountPath": .text, "readOnly": .truth, "subPath": .text],
                    "subPathExpr mountPropagation recursiveReadOnly")),
            "livenessProbe": probe, "readinessProbe": probe, "startupProbe": probe,
        ],
        """
        resources resizePolicy restartPolicy restartPolicyRules volumeDevices lifecycle terminationMessagePath \
        terminationMessagePolicy imagePullPolicy securityContext stdin stdinOnce tty
        """)

    private static let probe = ObjectShape.only([
        "exec": .only(["command": .list(.text)]),
        "httpGet": .only([
            "path": .text, "port": .port, "host": .text, "scheme": .text,
            "httpHeaders": .list(.only(["name": .text, "value": .text])),
        ]),
        "tcpSocket": .only(["port": .port, "host": .text]),
        "grpc": .only(["port": .number, "service": .text]),
        "initialDelaySeconds": .number, "timeoutSeconds": .number, "periodSeconds": .number,
        "successThreshold": .number,
        "failureThreshold": .number, "terminationGracePeriodSeconds": .number,
    ])

    private static let service = ObjectShape.known(
        [
            "type": .text, "selector": .texts, "clusterIP": .text, "externalName": .text,
            "externalIPs": .list(.text), "loadBalancerSourceRanges": .list(.text), "clusterIPs": .list(.text),
            "externalTrafficPolicy": .text, "internalTrafficPolicy": .text,
            "ports": .list(
                .only([
                    "name": .text, "protocol": .text, "appProtocol": .text, "port": .number, "targetPort": .port,
                    "nodePort": .number,
                ])),
        ],
        """
        sessionAffinity loadBalancerIP healthCheckNodePort publishNotReadyAddresses sessionAffinityConfig ipFamilies \
        ipFamilyPolicy allocateLoadBalancerNodePorts loadBalancerClass trafficDistribution ipFamily topologyKeys
        """)

    private static let peer = ObjectShape.only([
        "podSelector": selector, "namespaceSelector": selector,
        "ipBlock": .only(["cidr": .text, "except": .list(.text)]),
    ])
    private static let policyPorts = ObjectShape.list(.only(["protocol": .text, "port": .port, "endPort": .number]))
    private static let networkPolicy = ObjectShape.only([
        "podSelector": selector, "policyTypes": .list(.text),
        "ingress": .list(.only(["from": .list(peer), "ports": policyPorts])),
        "egress": .list(.only(["to": .list(peer), "ports": policyPorts])),
    ])

    private static let backend = ObjectShape.only([
        "service": .only(["name": .text, "port": .only(["name": .text, "number": .number])]), "resource": .anything,
    ])
    private static let ingress = ObjectShape.only([
        "ingressClassName": .text, "defaultBackend": backend,
        "tls": .list(.only(["hosts": .list(.text), "secretName": .text])),
        "rules": .list(
            .only([
                "host": .text,
                "http": .only(["paths": .list(.only(["path": .text, "pathType": .text, "backend": backend]))]),
            ])),
    ])
}
