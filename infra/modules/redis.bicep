// What may be lost: cache, shared rate limits, the hub's backplane.
param name string
param location string
param capacity int
param skuName string
param subnetId string
param zoneId string
param tags object

resource redis 'Microsoft.Cache/redis@2024-03-01' = {
  name: name
  location: location
  tags: tags
  zones: skuName == 'Premium' ? ['1', '2'] : []
  properties: {
    sku: {
      name: skuName
      family: skuName == 'Premium' ? 'P' : 'C'
      capacity: capacity
    }
    redisVersion: '6'
    enableNonSslPort: false
    minimumTlsVersion: '1.2'
    publicNetworkAccess: 'Disabled'
    redisConfiguration: {
      'maxmemory-policy': 'allkeys-lru'
    }
  }
}

module endpoint 'private-endpoint.bicep' = {
  name: '${name}-endpoint'
  params: {
    name: '${name}-endpoint'
    location: location
    subnetId: subnetId
    serviceId: redis.id
    part: 'redisCache'
    zoneId: zoneId
    tags: tags
  }
}

output name string = redis.name
output host string = redis.properties.hostName
