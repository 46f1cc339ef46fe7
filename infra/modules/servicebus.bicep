// Queues and the topic of the events that leave the system; the outbox in the database stands before them.
param name string
param location string
param skuName string
param subnetId string
param zoneId string
param tags object

resource bus 'Microsoft.ServiceBus/namespaces@2024-01-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: skuName
    tier: skuName
  }
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    minimumTlsVersion: '1.2'
    publicNetworkAccess: skuName == 'Premium' ? 'Disabled' : 'Enabled'
    zoneRedundant: true
  }
}

resource queue 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = [
  for q in ['orders', 'notifications', 'sync']: {
    parent: bus
    name: q
    properties: {
      lockDuration: 'PT1M'
      maxDeliveryCount: 10
      requiresDuplicateDetection: true
      duplicateDetectionHistoryTimeWindow: 'PT1H'
      deadLetteringOnMessageExpiration: true
      defaultMessageTimeToLive: 'P14D'
    }
  }
]

resource events 'Microsoft.ServiceBus/namespaces/topics@2024-01-01' = {
  parent: bus
  name: 'events'
  properties: {
    requiresDuplicateDetection: true
    duplicateDetectionHistoryTimeWindow: 'PT1H'
    defaultMessageTimeToLive: 'P14D'
    supportOrdering: true
  }
}

resource access 'Microsoft.ServiceBus/namespaces/authorizationRules@2024-01-01' = {
  parent: bus
  name: 'dms'
  properties: {
    rights: ['Listen', 'Send']
  }
}

// Private addresses are to be had with the Premium tier only.
module endpoint 'private-endpoint.bicep' = if (skuName == 'Premium') {
  name: '${name}-endpoint'
  params: {
    name: '${name}-endpoint'
    location: location
    subnetId: subnetId
    serviceId: bus.id
    part: 'namespace'
    zoneId: zoneId
    tags: tags
  }
}

output name string = bus.name
output ruleName string = access.name
