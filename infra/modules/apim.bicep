// The gateway: our own OpenAPI document is the list of what it lets through.
param name string
param location string
param skuName string
param publisherEmail string
param subnetId string
param backendHost string
param frontDoorId string
@description('Requests of one caller a minute')
param rateLimitPerMinute int
param logsId string
param tags object

resource address 'Microsoft.Network/publicIPAddresses@2024-05-01' = {
  name: '${name}-address'
  location: location
  tags: tags
  sku: {
    name: 'Standard'
  }
  properties: {
    publicIPAllocationMethod: 'Static'
    dnsSettings: {
      domainNameLabel: name
    }
  }
}

resource gateway 'Microsoft.ApiManagement/service@2023-05-01-preview' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: skuName
    capacity: 1
  }
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    publisherName: 'DILIGO'
    publisherEmail: publisherEmail
    virtualNetworkType: 'External'
    virtualNetworkConfiguration: {
      subnetResourceId: subnetId
    }
    publicIpAddressId: address.id
    apiVersionConstraint: {
      minApiVersion: '2021-08-01'
    }
    customProperties: {
      'Microsoft.WindowsAzure.ApiManagement.Gateway.Security.Protocols.Tls10': 'false'
      'Microsoft.WindowsAzure.ApiManagement.Gateway.Security.Protocols.Tls11': 'false'
      'Microsoft.WindowsAzure.ApiManagement.Gateway.Security.Backend.Protocols.Tls10': 'false'
      'Microsoft.WindowsAzure.ApiManagement.Gateway.Security.Backend.Protocols.Tls11': 'false'
    }
  }
}

resource values 'Microsoft.ApiManagement/service/namedValues@2023-05-01-preview' = {
  parent: gateway
  name: 'front-door-id'
  properties: {
    displayName: 'front-door-id'
    value: frontDoorId
    secret: true
  }
}

resource rate 'Microsoft.ApiManagement/service/namedValues@2023-05-01-preview' = {
  parent: gateway
  name: 'rate-limit-per-minute'
  properties: {
    displayName: 'rate-limit-per-minute'
    value: string(rateLimitPerMinute)
  }
}

// For all APIs: only through Front Door.
resource everywhere 'Microsoft.ApiManagement/service/policies@2023-05-01-preview' = {
  parent: gateway
  name: 'policy'
  properties: {
    format: 'rawxml'
    value: loadTextContent('../policies/all.xml')
  }
  dependsOn: [values]
}

resource api 'Microsoft.ApiManagement/service/apis@2023-05-01-preview' = {
  parent: gateway
  name: 'dms'
  properties: {
    displayName: 'DILIGO DMS'
    path: ''
    protocols: ['https']
    serviceUrl: 'https://${backendHost}'
    subscriptionRequired: false
    format: 'openapi+json'
    value: loadTextContent('../../web/openapi.json')
  }
}

resource apiPolicy 'Microsoft.ApiManagement/service/apis/policies@2023-05-01-preview' = {
  parent: api
  name: 'policy'
  properties: {
    format: 'rawxml'
    value: loadTextContent('../policies/api.xml')
  }
  dependsOn: [rate]
}

// The live hub is no REST: its requests and its WebSocket pass as they are.
resource hub 'Microsoft.ApiManagement/service/apis@2023-05-01-preview' = {
  parent: gateway
  name: 'hub'
  properties: {
    displayName: 'Live hub: negotiation, server-sent events, long polling'
    path: 'hubs'
    protocols: ['https']
    serviceUrl: 'https://${backendHost}/hubs'
    subscriptionRequired: false
  }
}

resource hubOperation 'Microsoft.ApiManagement/service/apis/operations@2023-05-01-preview' = [
  for method in ['GET', 'POST', 'DELETE', 'OPTIONS']: {
    parent: hub
    name: toLower(method)
    properties: {
      displayName: method
      method: method
      urlTemplate: '/*'
    }
  }
]

resource hubPolicy 'Microsoft.ApiManagement/service/apis/policies@2023-05-01-preview' = {
  parent: hub
  name: 'policy'
  properties: {
    format: 'rawxml'
    value: loadTextContent('../policies/hub.xml')
  }
}

resource hubSocket 'Microsoft.ApiManagement/service/apis@2023-05-01-preview' = {
  parent: gateway
  name: 'hub-socket'
  properties: {
    displayName: 'Live hub: WebSocket'
    path: 'hubs/dms'
    protocols: ['wss']
    type: 'websocket'
    serviceUrl: 'wss://${backendHost}/hubs/dms'
    subscriptionRequired: false
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: gateway
  properties: {
    workspaceId: logsId
    logs: [
      {
        categoryGroup: 'allLogs'
        enabled: true
      }
    ]
  }
}

output host string = replace(gateway.properties.gatewayUrl, 'https://', '')
output addressId string = address.id
