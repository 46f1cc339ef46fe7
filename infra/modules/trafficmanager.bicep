// One name for the gateways of both regions: the first as long as it answers, then the second.
param name string
param primaryTargetId string
@description('Empty: there is no second region')
param secondaryTargetId string
param tags object

resource profile 'Microsoft.Network/trafficmanagerprofiles@2022-04-01' = {
  name: name
  location: 'global'
  tags: tags
  properties: {
    profileStatus: 'Enabled'
    trafficRoutingMethod: 'Priority'
    dnsConfig: {
      relativeName: name
      ttl: 30
    }
    monitorConfig: {
      protocol: 'HTTPS'
      port: 443
      path: '/health/live'
      intervalInSeconds: 10
      timeoutInSeconds: 5
      toleratedNumberOfFailures: 3
    }
  }
}

resource primary 'Microsoft.Network/trafficmanagerprofiles/azureEndpoints@2022-04-01' = {
  parent: profile
  name: 'primary'
  properties: {
    targetResourceId: primaryTargetId
    endpointStatus: 'Enabled'
    priority: 1
  }
}

// Off until somebody decides: a switch of regions is a decision of a person (docs/OPERATIONS.md, region failover).
resource secondary 'Microsoft.Network/trafficmanagerprofiles/azureEndpoints@2022-04-01' = if (!empty(secondaryTargetId)) {
  parent: profile
  name: 'secondary'
  properties: {
    targetResourceId: secondaryTargetId
    endpointStatus: 'Disabled'
    priority: 2
  }
}

output host string = profile.properties.dnsConfig.fqdn
