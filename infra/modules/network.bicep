// One network: pods, API Management, private endpoints, PostgreSQL. Nothing of the data is reachable from outside.
param name string
param location string
@description('Second number of the network: 10.<n>.0.0/16')
param octet int
param tags object

var prefix = '10.${octet}'

resource aksGroup 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
  name: '${name}-aks'
  location: location
  tags: tags
  properties: {
    securityRules: [
      {
        name: 'web-from-api-management'
        properties: {
          priority: 100
          direction: 'Inbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: '${prefix}.4.0/24'
          sourcePortRange: '*'
          destinationAddressPrefix: '${prefix}.0.0/22'
          destinationPortRange: '443'
        }
      }
    ]
  }
}

resource apimGroup 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
  name: '${name}-apim'
  location: location
  tags: tags
  properties: {
    securityRules: [
      {
        name: 'management'
        properties: {
          priority: 100
          direction: 'Inbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: 'ApiManagement'
          sourcePortRange: '*'
          destinationAddressPrefix: 'VirtualNetwork'
          destinationPortRange: '3443'
        }
      }
      {
        name: 'web-from-front-door'
        properties: {
          priority: 110
          direction: 'Inbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: 'AzureFrontDoor.Backend'
          sourcePortRange: '*'
          destinationAddressPrefix: 'VirtualNetwork'
          destinationPortRange: '443'
        }
      }
      {
        name: 'probes-of-traffic-manager'
        properties: {
          priority: 120
          direction: 'Inbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: 'AzureTrafficManager'
          sourcePortRange: '*'
          destinationAddressPrefix: 'VirtualNetwork'
          destinationPortRange: '443'
        }
      }
      {
        name: 'load-balancer'
        properties: {
          priority: 130
          direction: 'Inbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: 'AzureLoadBalancer'
          sourcePortRange: '*'
          destinationAddressPrefix: 'VirtualNetwork'
          destinationPortRange: '6390'
        }
      }
    ]
  }
}

resource dataGroup 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
  name: '${name}-data'
  location: location
  tags: tags
  properties: {
    securityRules: [
      {
        name: 'data-from-pods'
        properties: {
          priority: 100
          direction: 'Inbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: '${prefix}.0.0/22'
          sourcePortRange: '*'
          destinationAddressPrefix: '${prefix}.8.0/22'
          destinationPortRanges: ['443', '5432', '5671', '6380', '6432']
        }
      }
      {
        name: 'replication'
        properties: {
          priority: 110
          direction: 'Inbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: 'VirtualNetwork'
          sourcePortRange: '*'
          destinationAddressPrefix: '${prefix}.9.0/24'
          destinationPortRange: '5432'
        }
      }
      {
        name: 'nobody-else'
        properties: {
          priority: 4000
          direction: 'Inbound'
          access: 'Deny'
          protocol: '*'
          sourceAddressPrefix: '*'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: '*'
        }
      }
    ]
  }
}

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: ['${prefix}.0.0/16']
    }
    subnets: [
      {
        name: 'aks'
        properties: {
          addressPrefix: '${prefix}.0.0/22'
          networkSecurityGroup: {
            id: aksGroup.id
          }
        }
      }
      {
        name: 'apim'
        properties: {
          addressPrefix: '${prefix}.4.0/24'
          networkSecurityGroup: {
            id: apimGroup.id
          }
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: '${prefix}.8.0/24'
          privateEndpointNetworkPolicies: 'Enabled'
          networkSecurityGroup: {
            id: dataGroup.id
          }
        }
      }
      {
        name: 'postgres'
        properties: {
          addressPrefix: '${prefix}.9.0/24'
          networkSecurityGroup: {
            id: dataGroup.id
          }
          delegations: [
            {
              name: 'postgres'
              properties: {
                serviceName: 'Microsoft.DBforPostgreSQL/flexibleServers'
              }
            }
          ]
        }
      }
    ]
  }
}

output networkId string = network.id
output aksSubnetId string = '${network.id}/subnets/aks'
output apimSubnetId string = '${network.id}/subnets/apim'
output endpointsSubnetId string = '${network.id}/subnets/endpoints'
output postgresSubnetId string = '${network.id}/subnets/postgres'
