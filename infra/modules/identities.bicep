// What in the cluster may do something in Azure: External Secrets reads the vault, Velero writes backups. No passwords: the
// cluster vouches for its service accounts.
param name string
param location string
param oidcIssuer string
param namespace string
param vaultName string
param backupAccountName string
param tags object

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: vaultName
}

resource backups 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: backupAccountName
}

resource secrets 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${name}-external-secrets'
  location: location
  tags: tags
}

resource secretsTrust 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@2023-01-31' = {
  parent: secrets
  name: namespace
  properties: {
    issuer: oidcIssuer
    subject: 'system:serviceaccount:${namespace}:external-secrets'
    audiences: ['api://AzureADTokenExchange']
  }
}

resource secretsRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, secrets.id, 'secrets-user')
  scope: vault
  properties: {
    principalId: secrets.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4633458b-17de-408a-b874-0445c86b69e6')
  }
}

resource velero 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${name}-velero'
  location: location
  tags: tags
}

resource veleroTrust 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@2023-01-31' = {
  parent: velero
  name: 'velero'
  properties: {
    issuer: oidcIssuer
    subject: 'system:serviceaccount:velero:velero'
    audiences: ['api://AzureADTokenExchange']
  }
}

resource veleroRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(backups.id, velero.id, 'blob-contributor')
  scope: backups
  properties: {
    principalId: velero.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'ba92f5b4-2d11-453d-a403-e96b0029c9fe')
  }
}

output externalSecretsClientId string = secrets.properties.clientId
output veleroClientId string = velero.properties.clientId
