// Custom resources, one JSON document a line on standard input, against the operators' own schemas.
import * as certManager from '@kubernetes-models/cert-manager/cert-manager.io/v1';
import * as externalSecrets from '@kubernetes-models/external-secrets/external-secrets.io/v1beta1';
import * as prometheus from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import { createInterface } from 'node:readline';

const known = {
  'cert-manager.io/v1': certManager,
  'external-secrets.io/v1beta1': externalSecrets,
  'monitoring.coreos.com/v1': prometheus,
};
// There is no published package with the schema of Velero's resources; ops/checks/manifests.py looks at the fields we use.
const unchecked = new Set(['velero.io/v1']);
let count = 0;
let wrong = 0;
for await (const line of createInterface({ input: process.stdin })) {
  const resource = JSON.parse(line);
  const name = `${resource.kind} ${resource.metadata.namespace ?? ''}/${resource.metadata.name}`;
  if (unchecked.has(resource.apiVersion)) continue;
  const Model = known[resource.apiVersion]?.[resource.kind];
  try {
    if (!Model) throw new Error(`nobody knows the schema of ${resource.apiVersion}`);
    const { apiVersion, kind, ...content } = resource;
    new Model(content).validate();
    count += 1;
  } catch (error) {
    wrong += 1;
    console.error(`${name}: ${error.message}`);
  }
}
if (wrong > 0 || count === 0) process.exit(1);
