{{- define "healgate.labels" -}}
app.kubernetes.io/name: healgate
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "healgate.container" -}}
image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
imagePullPolicy: {{ .Values.image.pullPolicy }}
env:
  {{- range $name, $value := .Values.settings }}
  - {name: {{ $name }}, value: {{ $value | quote }}}
  {{- end }}
envFrom:
  - secretRef: {name: {{ .Values.secret }}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
volumeMounts:
  # The spool holds webhooks only while the database is down; what it held is fetched again from the vendors.
  - {name: state, mountPath: /var/lib/healgate}
  - {name: tmp, mountPath: /tmp}
{{- end }}

{{- define "healgate.pod" -}}
automountServiceAccountToken: false
securityContext: {runAsNonRoot: true, runAsUser: 10001, fsGroup: 10001, seccompProfile: {type: RuntimeDefault}}
volumes:
  - {name: state, emptyDir: {}}
  - {name: tmp, emptyDir: {}}
{{- end }}
