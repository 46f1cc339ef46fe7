// Photos and files, found by their digest; copied to the second region; older ones become cheaper.
param name string
param webName string
param location string
param subnetId string
param zoneId string
param sku string
@description('Whether the web apps are also to be read in the second region')
param webCopied bool
param logsId string
param tags object

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: sku
  }
  properties: {
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    defaultToOAuthAuthentication: true
    publicNetworkAccess: 'Disabled'
    networkAcls: {
      defaultAction: 'Deny'
      bypass: 'AzureServices'
    }
    sasPolicy: {
      sasExpirationPeriod: '0.01:00:00'
      expirationAction: 'Log'
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2023-05-01' = {
  parent: account
  name: 'default'
  properties: {
    isVersioningEnabled: true
    changeFeed: {
      enabled: true
      retentionInDays: 35
    }
    deleteRetentionPolicy: {
      enabled: true
      days: 35
    }
    containerDeleteRetentionPolicy: {
      enabled: true
      days: 35
    }
    restorePolicy: {
      enabled: true
      days: 30
    }
  }
}

resource files 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = {
  parent: blobs
  name: 'dms-files'
  properties: {
    publicAccess: 'None'
  }
}

resource life 'Microsoft.Storage/storageAccounts/managementPolicies@2023-05-01' = {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: [
        {
          name: 'cooler-with-age'
          enabled: true
          type: 'Lifecycle'
          definition: {
            filters: {
              blobTypes: ['blockBlob']
              prefixMatch: ['dms-files/']
            }
            actions: {
              baseBlob: {
                tierToCool: {
                  daysAfterModificationGreaterThan: 90
                }
                tierToCold: {
                  daysAfterModificationGreaterThan: 365
                }
              }
              version: {
                delete: {
                  daysAfterCreationGreaterThan: 60
                }
              }
            }
          }
        }
      ]
    }
  }
}

// The web apps: public by purpose, and empty of data.
resource web 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: webName
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: webCopied ? 'Standard_RAGZRS' : 'Standard_ZRS'
  }
  properties: {
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    networkAcls: {
      defaultAction: 'Allow'
      bypass: 'AzureServices'
    }
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: blobs
  properties: {
    workspaceId: logsId
    logs: [
      {
        category: 'StorageRead'
        enabled: true
      }
      {
        category: 'StorageWrite'
        enabled: true
      }
      {
        category: 'StorageDelete'
        enabled: true
      }
    ]
  }
}

module endpoint 'private-endpoint.bicep' = {
  name: '${name}-endpoint'
  params: {
    name: '${name}-endpoint'
    location: location
    subnetId: subnetId
    serviceId: account.id
    part: 'blob'
    zoneId: zoneId
    tags: tags
  }
}

output name string = account.name
output id string = account.id
output webHost string = replace(replace(web.properties.primaryEndpoints.web, 'https://', ''), '/', '')
@description('The copy, to be read only; empty without one')
output webCopyHost string = webCopied ? replace(replace(web.properties.secondaryEndpoints.web, 'https://', ''), '/', '') : ''
