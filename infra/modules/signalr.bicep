// Only where the hub's connections are to be held by Azure instead of our own pods.
param name string
param location string
param units int
param upstreamHost string
param tags object

resource hub 'Microsoft.SignalRService/signalR@2024-03-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: 'Standard_S1'
    tier: 'Standard'
    capacity: units
  }
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    features: [
      {
        flag: 'ServiceMode'
        value: 'Serverless'
      }
    ]
    upstream: {
      templates: [
        {
          hubPattern: 'dms'
          eventPattern: '*'
          categoryPattern: '*'
          urlTemplate: 'https://${upstreamHost}/hubs/dms/upstream'
        }
      ]
    }
    tls: {
      clientCertEnabled: false
    }
    disableLocalAuth: false
    publicNetworkAccess: 'Enabled'
  }
}

output name string = hub.name
