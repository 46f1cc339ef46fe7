// What External Secrets brings into the cluster. Names are those of k8s/base/secrets.yaml.
param vaultName string
param postgresHost string
param postgresLogin string
@secure()
param postgresPassword string
param redisName string
param storageName string
param serviceBusName string
param serviceBusRule string
@description('Empty: the hub runs in our own pods')
param signalRName string
@secure()
param insightsConnectionString string
@secure()
param jwtSigningKey string

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: vaultName
}

resource redis 'Microsoft.Cache/redis@2024-03-01' existing = {
  name: redisName
}

resource storage 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: storageName
}

resource rule 'Microsoft.ServiceBus/namespaces/authorizationRules@2024-01-01' existing = {
  name: '${serviceBusName}/${serviceBusRule}'
}

resource signalR 'Microsoft.SignalRService/signalR@2024-03-01' existing = if (!empty(signalRName)) {
  name: empty(signalRName) ? 'none' : signalRName
}

resource database 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'diligo-dms-sql-connection'
  properties: {
    contentType: 'PostgreSQL URL'
    attributes: {
      enabled: true
      exp: 1924905600
    }
    value: 'postgres://${postgresLogin}:${uriComponent(postgresPassword)}@${postgresHost}:5432/dms?sslmode=verify-full'
  }
}

resource cache 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'diligo-dms-redis-connection'
  properties: {
    contentType: 'Redis connection string'
    attributes: {
      enabled: true
      exp: 1924905600
    }
    value: '${redis.properties.hostName}:6380,password=${redis.listKeys().primaryKey},ssl=True,abortConnect=False'
  }
}

resource files 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'diligo-dms-storage-connection'
  properties: {
    contentType: 'Storage connection string'
    attributes: {
      enabled: true
      exp: 1924905600
    }
    value: 'DefaultEndpointsProtocol=https;AccountName=${storage.name};AccountKey=${storage.listKeys().keys[0].value};EndpointSuffix=${environment().suffixes.storage}'
  }
}

resource bus 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'diligo-dms-servicebus-connection'
  properties: {
    contentType: 'Service Bus connection string'
    attributes: {
      enabled: true
      exp: 1924905600
    }
    value: rule.listKeys().primaryConnectionString
  }
}

resource hub 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = if (!empty(signalRName)) {
  parent: vault
  name: 'diligo-dms-signalr-connection'
  properties: {
    contentType: 'SignalR connection string'
    attributes: {
      enabled: true
      exp: 1924905600
    }
    value: signalR.listKeys().primaryConnectionString
  }
}

resource insights 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'diligo-dms-insights-connection'
  properties: {
    contentType: 'Application Insights connection string'
    attributes: {
      enabled: true
      exp: 1924905600
    }
    value: insightsConnectionString
  }
}

resource signing 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'diligo-dms-jwt-signing-key'
  properties: {
    contentType: 'text'
    attributes: {
      enabled: true
      exp: 1924905600
    }
    value: jwtSigningKey
  }
}
