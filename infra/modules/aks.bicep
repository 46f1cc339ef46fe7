// The cluster: three system nodes, five nodes for the application (three to ten), over three zones.
param name string
param location string
param kubernetesVersion string
param subnetId string
param logsId string
param registryName string
param diskEncryptionSetId string
param systemCount int
param appsCount int
param appsMin int
param appsMax int
@description('Who may administer the cluster (object ids of groups)')
param adminGroupIds array
param tags object

resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' existing = {
  name: registryName
}

resource cluster 'Microsoft.ContainerService/managedClusters@2024-09-01' = {
  name: name
  location: location
  tags: tags
  identity: {
    type: 'SystemAssigned'
  }
  sku: {
    name: 'Base'
    // With a promise of availability.
    tier: 'Standard'
  }
  properties: {
    kubernetesVersion: kubernetesVersion
    dnsPrefix: name
    disableLocalAccounts: true
    diskEncryptionSetID: diskEncryptionSetId
    enableRBAC: true
    aadProfile: {
      managed: true
      enableAzureRBAC: true
      adminGroupObjectIDs: adminGroupIds
    }
    apiServerAccessProfile: {
      enablePrivateCluster: true
    }
    autoUpgradeProfile: {
      upgradeChannel: 'patch'
      nodeOSUpgradeChannel: 'NodeImage'
    }
    oidcIssuerProfile: {
      enabled: true
    }
    securityProfile: {
      workloadIdentity: {
        enabled: true
      }
      defender: {
        logAnalyticsWorkspaceResourceId: logsId
        securityMonitoring: {
          enabled: true
        }
      }
    }
    networkProfile: {
      networkPlugin: 'azure'
      networkPluginMode: 'overlay'
      networkPolicy: 'calico'
      loadBalancerSku: 'standard'
      podCidr: '192.168.0.0/16'
      serviceCidr: '172.16.0.0/16'
      dnsServiceIP: '172.16.0.10'
    }
    azureMonitorProfile: {
      metrics: {
        enabled: true
      }
    }
    addonProfiles: {
      omsagent: {
        enabled: true
        config: {
          logAnalyticsWorkspaceResourceID: logsId
        }
      }
      azurepolicy: {
        enabled: true
      }
      azureKeyvaultSecretsProvider: {
        enabled: true
        config: {
          enableSecretRotation: 'true'
        }
      }
    }
    agentPoolProfiles: [
      {
        name: 'system'
        mode: 'System'
        count: systemCount
        vmSize: 'Standard_D4s_v4'
        availabilityZones: ['1', '2', '3']
        vnetSubnetID: subnetId
        osSKU: 'AzureLinux'
        // Temporary disks are encrypted on the host.
        enableEncryptionAtHost: true
        maxPods: 60
        nodeTaints: ['CriticalAddonsOnly=true:NoSchedule']
        upgradeSettings: {
          maxSurge: '1'
        }
      }
      {
        name: 'apps'
        mode: 'User'
        count: appsCount
        vmSize: 'Standard_D8s_v4'
        availabilityZones: ['1', '2', '3']
        enableAutoScaling: true
        minCount: appsMin
        maxCount: appsMax
        vnetSubnetID: subnetId
        osSKU: 'AzureLinux'
        enableEncryptionAtHost: true
        maxPods: 60
        upgradeSettings: {
          maxSurge: '33%'
        }
      }
    ]
  }
}

// The nodes may fetch images.
resource pull 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(registry.id, cluster.id, 'AcrPull')
  scope: registry
  properties: {
    principalId: cluster.properties.identityProfile.kubeletidentity.objectId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '7f951dda-4ed3-4680-a7ca-43fe172d538d')
  }
}

output clusterId string = cluster.id
output oidcIssuer string = cluster.properties.oidcIssuerProfile.issuerURL
