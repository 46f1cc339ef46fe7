// Everything DILIGO DMS needs in Azure, for one environment:
//   az deployment group create -g diligo-dms-production -f infra/main.bicep -p infra/parameters/production.bicepparam
// Sizes are those of docs/OPERATIONS.md, with what they cost. Secrets come as parameters from the pipeline's secret
// variables and go into Key Vault only.
targetScope = 'resourceGroup'

@allowed(['staging', 'production'])
param environmentName string
param location string = 'southeastasia'
@description('Where a copy of the data is, and a small cluster that waits')
param secondaryLocation string = 'eastasia'
@description('Whether there is a second region at all')
param secondRegion bool
@description('Unique in Azure: storage accounts, registry, vaults and servers are named after it')
@minLength(3)
@maxLength(16)
param baseName string
param registryName string
param hostName string
param alertEmail string
param adminGroupIds array

param kubernetesVersion string = '1.33'
param systemNodes int
param appNodes int
param appNodesMin int
param appNodesMax int
param postgresSku string
param postgresStorageGb int
param zoneRedundant bool
param redisSku string
param redisCapacity int
param storageSku string
param serviceBusSku string
param apimSku string
@description('0: the hub runs in our own pods with Redis between them')
param signalRUnits int
param rateLimitPerMinute int
param firewallMode string
param logRetentionDays int
param logDailyCapGb int

param postgresLogin string = 'dms'
@secure()
param postgresPassword string
@secure()
@minLength(32)
param jwtSigningKey string

var name = 'diligo-dms-${environmentName}'
var octet = environmentName == 'production' ? 20 : 30
var tags = {
  application: 'diligo-dms'
  environment: environmentName
}
var trafficManagerName = '${name}-api'
// Behind it: the ingress controller's internal address in each region.
var ingressHost = 'ingress.${hostName}'

module network 'modules/network.bicep' = {
  name: 'network'
  params: {
    name: name
    location: location
    octet: octet
    tags: tags
  }
}

module secondNetwork 'modules/network.bicep' = if (secondRegion) {
  name: 'second-network'
  params: {
    name: '${name}-far'
    location: secondaryLocation
    octet: octet + 1
    tags: tags
  }
}

module peering 'modules/peering.bicep' = if (secondRegion) {
  name: 'peering'
  params: {
    firstName: name
    secondName: '${name}-far'
  }
  dependsOn: [network, secondNetwork]
}

module zones 'modules/private-zones.bicep' = {
  name: 'zones'
  params: {
    networkIds: secondRegion ? [network.outputs.networkId, secondNetwork.outputs.networkId] : [network.outputs.networkId]
    tags: tags
  }
}

module monitor 'modules/monitor.bicep' = {
  name: 'monitor'
  params: {
    name: name
    location: location
    retentionDays: logRetentionDays
    dailyCapGb: logDailyCapGb
    alertEmail: alertEmail
    tags: tags
  }
}

module keyVault 'modules/keyvault.bicep' = {
  name: 'key-vault'
  params: {
    name: '${baseName}-kv'
    location: location
    subnetId: network.outputs.endpointsSubnetId
    zoneId: zones.outputs.vaultZoneId
    logsId: monitor.outputs.logsId
    tags: tags
  }
}

module registry 'modules/registry.bicep' = {
  name: 'registry'
  params: {
    name: registryName
    location: location
    secondaryLocation: secondaryLocation
    replicate: secondRegion
    tags: tags
  }
}

module registryEndpoint 'modules/private-endpoint.bicep' = {
  name: 'registry-endpoint'
  params: {
    name: '${name}-registry-endpoint'
    location: location
    subnetId: network.outputs.endpointsSubnetId
    serviceId: registry.outputs.id
    part: 'registry'
    zoneId: zones.outputs.registryZoneId
    tags: tags
  }
}

module disks 'modules/disks.bicep' = {
  name: 'disks'
  params: {
    name: 'dms-disks'
    location: location
    vaultName: keyVault.outputs.name
    tags: tags
  }
}

module cluster 'modules/aks.bicep' = {
  name: 'cluster'
  params: {
    name: '${name}-aks'
    location: location
    kubernetesVersion: kubernetesVersion
    subnetId: network.outputs.aksSubnetId
    logsId: monitor.outputs.logsId
    registryName: registryName
    diskEncryptionSetId: disks.outputs.id
    systemCount: systemNodes
    appsCount: appNodes
    appsMin: appNodesMin
    appsMax: appNodesMax
    adminGroupIds: adminGroupIds
    tags: tags
  }
  dependsOn: [registry]
}

// Warm: everything is installed, with the fewest nodes; a failover raises the numbers.
module secondKeyVault 'modules/keyvault.bicep' = if (secondRegion) {
  name: 'second-key-vault'
  params: {
    name: '${baseName}-kv2'
    location: secondaryLocation
    subnetId: secondNetwork.outputs.endpointsSubnetId
    zoneId: zones.outputs.vaultZoneId
    logsId: monitor.outputs.logsId
    tags: tags
  }
}

module secondDisks 'modules/disks.bicep' = if (secondRegion) {
  name: 'second-disks'
  params: {
    name: 'dms-disks-far'
    location: secondaryLocation
    vaultName: secondKeyVault.outputs.name
    tags: tags
  }
}

module secondCluster 'modules/aks.bicep' = if (secondRegion) {
  name: 'second-cluster'
  params: {
    name: '${name}-far-aks'
    location: secondaryLocation
    kubernetesVersion: kubernetesVersion
    subnetId: secondNetwork.outputs.aksSubnetId
    logsId: monitor.outputs.logsId
    registryName: registryName
    diskEncryptionSetId: secondDisks.outputs.id
    systemCount: 1
    appsCount: 1
    appsMin: 1
    appsMax: appNodesMax
    adminGroupIds: adminGroupIds
    tags: tags
  }
  dependsOn: [registry]
}

module postgres 'modules/postgres.bicep' = {
  name: 'postgres'
  params: {
    name: '${baseName}-db'
    location: location
    secondaryLocation: secondaryLocation
    subnetId: network.outputs.postgresSubnetId
    secondarySubnetId: secondRegion ? secondNetwork.outputs.postgresSubnetId : network.outputs.postgresSubnetId
    zoneId: zones.outputs.postgresZoneId
    skuName: postgresSku
    storageGb: postgresStorageGb
    zoneRedundant: zoneRedundant
    geoReplica: secondRegion
    administrator: postgresLogin
    password: postgresPassword
    logsId: monitor.outputs.logsId
    tags: tags
  }
}

module redis 'modules/redis.bicep' = {
  name: 'redis'
  params: {
    name: '${baseName}-redis'
    location: location
    capacity: redisCapacity
    skuName: redisSku
    subnetId: network.outputs.endpointsSubnetId
    zoneId: zones.outputs.redisZoneId
    tags: tags
  }
}

// Empty: it is filled by use.
module secondRedis 'modules/redis.bicep' = if (secondRegion) {
  name: 'second-redis'
  params: {
    name: '${baseName}-redis2'
    location: secondaryLocation
    capacity: redisCapacity
    skuName: redisSku
    subnetId: secondNetwork.outputs.endpointsSubnetId
    zoneId: zones.outputs.redisZoneId
    tags: tags
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  params: {
    name: '${replace(baseName, '-', '')}files'
    webName: '${replace(baseName, '-', '')}web'
    location: location
    subnetId: network.outputs.endpointsSubnetId
    zoneId: zones.outputs.blobZoneId
    sku: storageSku
    webCopied: secondRegion
    logsId: monitor.outputs.logsId
    tags: tags
  }
}

module serviceBus 'modules/servicebus.bicep' = {
  name: 'service-bus'
  params: {
    name: '${baseName}-bus'
    location: location
    skuName: serviceBusSku
    subnetId: network.outputs.endpointsSubnetId
    zoneId: zones.outputs.serviceBusZoneId
    tags: tags
  }
}

module signalR 'modules/signalr.bicep' = if (signalRUnits > 0) {
  name: 'signalr'
  params: {
    name: '${baseName}-signalr'
    location: location
    units: signalRUnits
    upstreamHost: hostName
    tags: tags
  }
}

module backup 'modules/backup.bicep' = {
  name: 'backup'
  params: {
    name: '${name}-backup'
    location: location
    backupAccountName: '${replace(baseName, '-', '')}backup'
    storageId: storage.outputs.id
    storageName: storage.outputs.name
    postgresId: postgres.outputs.id
    tags: tags
  }
}

module identities 'modules/identities.bicep' = {
  name: 'identities'
  params: {
    name: name
    location: location
    oidcIssuer: cluster.outputs.oidcIssuer
    namespace: environmentName
    vaultName: keyVault.outputs.name
    backupAccountName: backup.outputs.accountName
    tags: tags
  }
}

module secondIdentities 'modules/identities.bicep' = if (secondRegion) {
  name: 'second-identities'
  params: {
    name: '${name}-far'
    location: secondaryLocation
    oidcIssuer: secondCluster.outputs.oidcIssuer
    namespace: environmentName
    vaultName: secondKeyVault.outputs.name
    backupAccountName: backup.outputs.accountName
    tags: tags
  }
}

module secrets 'modules/secrets.bicep' = {
  name: 'secrets'
  params: {
    vaultName: keyVault.outputs.name
    postgresHost: postgres.outputs.host
    postgresLogin: postgresLogin
    postgresPassword: postgresPassword
    redisName: redis.outputs.name
    storageName: storage.outputs.name
    serviceBusName: serviceBus.outputs.name
    serviceBusRule: serviceBus.outputs.ruleName
    signalRName: signalRUnits > 0 ? signalR.outputs.name : ''
    insightsConnectionString: monitor.outputs.insightsConnectionString
    jwtSigningKey: jwtSigningKey
  }
}

module secondSecrets 'modules/secrets.bicep' = if (secondRegion) {
  name: 'second-secrets'
  params: {
    vaultName: secondKeyVault.outputs.name
    postgresHost: postgres.outputs.host
    postgresLogin: postgresLogin
    postgresPassword: postgresPassword
    redisName: secondRedis.outputs.name
    storageName: storage.outputs.name
    serviceBusName: serviceBus.outputs.name
    serviceBusRule: serviceBus.outputs.ruleName
    signalRName: ''
    insightsConnectionString: monitor.outputs.insightsConnectionString
    jwtSigningKey: jwtSigningKey
  }
}

module edge 'modules/frontdoor.bicep' = {
  name: 'edge'
  params: {
    name: name
    webHost: storage.outputs.webHost
    webCopyHost: storage.outputs.webCopyHost
    apiHost: '${trafficManagerName}.trafficmanager.net'
    hostName: hostName
    firewallMode: firewallMode
    rateLimitPerMinute: rateLimitPerMinute * 10
    logsId: monitor.outputs.logsId
    tags: tags
  }
}

module gateway 'modules/apim.bicep' = {
  name: 'gateway'
  params: {
    name: '${baseName}-apim'
    location: location
    skuName: apimSku
    publisherEmail: alertEmail
    subnetId: network.outputs.apimSubnetId
    backendHost: ingressHost
    frontDoorId: edge.outputs.id
    rateLimitPerMinute: rateLimitPerMinute
    logsId: monitor.outputs.logsId
    tags: tags
  }
}

module secondGateway 'modules/apim.bicep' = if (secondRegion) {
  name: 'second-gateway'
  params: {
    name: '${baseName}-apim2'
    location: secondaryLocation
    skuName: apimSku
    publisherEmail: alertEmail
    subnetId: secondNetwork.outputs.apimSubnetId
    backendHost: ingressHost
    frontDoorId: edge.outputs.id
    rateLimitPerMinute: rateLimitPerMinute
    logsId: monitor.outputs.logsId
    tags: tags
  }
}

module trafficManager 'modules/trafficmanager.bicep' = {
  name: 'traffic-manager'
  params: {
    name: trafficManagerName
    primaryTargetId: gateway.outputs.addressId
    secondaryTargetId: secondRegion ? secondGateway.outputs.addressId : ''
    tags: tags
  }
}

output clusterId string = cluster.outputs.clusterId
output registryServer string = registry.outputs.loginServer
output keyVaultUri string = keyVault.outputs.uri
output externalSecretsClientId string = identities.outputs.externalSecretsClientId
output veleroClientId string = identities.outputs.veleroClientId
output endpointHost string = edge.outputs.endpointHost
