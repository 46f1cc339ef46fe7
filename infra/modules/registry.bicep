// Images, in both regions.
param name string
param location string
param secondaryLocation string
param replicate bool
param tags object

resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    // Replication, scanning on push and private addresses need it.
    name: 'Premium'
  }
  properties: {
    adminUserEnabled: false
    anonymousPullEnabled: false
    publicNetworkAccess: 'Disabled'
    networkRuleBypassOptions: 'AzureServices'
    dataEndpointEnabled: true
    zoneRedundancy: 'Enabled'
    policies: {
      retentionPolicy: {
        days: 30
        status: 'enabled'
      }
      quarantinePolicy: {
        status: 'enabled'
      }
      trustPolicy: {
        type: 'Notary'
        status: 'enabled'
      }
    }
  }
}

resource replica 'Microsoft.ContainerRegistry/registries/replications@2023-07-01' = if (replicate) {
  parent: registry
  name: secondaryLocation
  location: secondaryLocation
  tags: tags
  properties: {
    zoneRedundancy: 'Enabled'
  }
}

output id string = registry.id
output loginServer string = registry.properties.loginServer
