// Names of the private endpoints, resolved within the networks.
param networkIds array
param tags object

var zones = [
  'privatelink.postgres.database.azure.com'
  'privatelink.redis.cache.windows.net'
  'privatelink.blob.${environment().suffixes.storage}'
  'privatelink.servicebus.windows.net'
  'privatelink.vaultcore.azure.net'
  'privatelink.azurecr.io'
]

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for name in zones: {
    name: name
    location: 'global'
    tags: tags
  }
]

resource link 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for i in range(0, length(zones) * length(networkIds)): {
    parent: zone[i / length(networkIds)]
    name: 'network-${i % length(networkIds)}'
    location: 'global'
    properties: {
      registrationEnabled: false
      virtualNetwork: {
        id: networkIds[i % length(networkIds)]
      }
    }
  }
]

output postgresZoneId string = zone[0].id
output redisZoneId string = zone[1].id
output blobZoneId string = zone[2].id
output serviceBusZoneId string = zone[3].id
output vaultZoneId string = zone[4].id
output registryZoneId string = zone[5].id
