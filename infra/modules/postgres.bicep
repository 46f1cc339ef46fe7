// The database: a primary with a synchronous standby in another zone, a replica to read from, backups for point-in-time
// restore, and, where there is a second region, a replica there that can be promoted.
param name string
param location string
param secondaryLocation string
param subnetId string
param secondarySubnetId string
param zoneId string
param skuName string
param storageGb int
param zoneRedundant bool
param geoReplica bool
param administrator string
@secure()
param password string
param logsId string
param tags object

var version = '16'

resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: skuName
    tier: 'GeneralPurpose'
  }
  properties: {
    version: version
    administratorLogin: administrator
    administratorLoginPassword: password
    storage: {
      storageSizeGB: storageGb
      autoGrow: 'Enabled'
      tier: 'P20'
    }
    backup: {
      backupRetentionDays: 35
      geoRedundantBackup: 'Enabled'
    }
    highAvailability: {
      mode: zoneRedundant ? 'ZoneRedundant' : 'Disabled'
    }
    availabilityZone: '1'
    network: {
      delegatedSubnetResourceId: subnetId
      privateDnsZoneArmResourceId: zoneId
      publicNetworkAccess: 'Disabled'
    }
    maintenanceWindow: {
      customWindow: 'Enabled'
      dayOfWeek: 0
      startHour: 18
      startMinute: 0
    }
  }
}

resource database 'Microsoft.DBforPostgreSQL/flexibleServers/databases@2024-08-01' = {
  parent: server
  name: 'dms'
  properties: {
    charset: 'UTF8'
    collation: 'C.UTF-8'
  }
}

// One after the other: the server takes one change at a time.
var settings = [
  { name: 'require_secure_transport', value: 'on' }
  { name: 'ssl_min_protocol_version', value: 'TLSv1.2' }
  { name: 'synchronous_commit', value: 'on' }
  { name: 'statement_timeout', value: '60000' }
  { name: 'idle_in_transaction_session_timeout', value: '60000' }
  { name: 'log_min_duration_statement', value: '1000' }
  { name: 'log_connections', value: 'on' }
  { name: 'log_disconnections', value: 'on' }
  { name: 'log_checkpoints', value: 'on' }
  { name: 'connection_throttle.enable', value: 'on' }
  { name: 'pg_stat_statements.track', value: 'top' }
  { name: 'logfiles.retention_days', value: '7' }
]

@batchSize(1)
resource setting 'Microsoft.DBforPostgreSQL/flexibleServers/configurations@2024-08-01' = [
  for s in settings: {
    parent: server
    name: s.name
    properties: {
      value: s.value
      source: 'user-override'
    }
  }
]

resource readReplica 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = if (zoneRedundant) {
  name: '${name}-read'
  location: location
  tags: tags
  sku: {
    name: skuName
    tier: 'GeneralPurpose'
  }
  properties: {
    createMode: 'Replica'
    sourceServerResourceId: server.id
    backup: {
      geoRedundantBackup: 'Disabled'
    }
    network: {
      delegatedSubnetResourceId: subnetId
      privateDnsZoneArmResourceId: zoneId
      publicNetworkAccess: 'Disabled'
    }
  }
  dependsOn: [database, setting]
}

resource farReplica 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = if (geoReplica) {
  name: '${name}-far'
  location: secondaryLocation
  tags: tags
  sku: {
    name: skuName
    tier: 'GeneralPurpose'
  }
  properties: {
    createMode: 'Replica'
    sourceServerResourceId: server.id
    backup: {
      geoRedundantBackup: 'Disabled'
    }
    network: {
      delegatedSubnetResourceId: secondarySubnetId
      privateDnsZoneArmResourceId: zoneId
      publicNetworkAccess: 'Disabled'
    }
  }
  dependsOn: [readReplica]
}

// One name for the writer, wherever it is: after a promotion it points to the other region.
resource writer 'Microsoft.DBforPostgreSQL/flexibleServers/virtualendpoints@2024-08-01' = if (geoReplica) {
  parent: server
  name: '${name}-writer'
  properties: {
    endpointType: 'ReadWrite'
    members: [server.name]
  }
  dependsOn: [farReplica]
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: server
  properties: {
    workspaceId: logsId
    logs: [
      {
        categoryGroup: 'allLogs'
        enabled: true
      }
    ]
    metrics: [
      {
        category: 'AllMetrics'
        enabled: true
      }
    ]
  }
}

output id string = server.id
output host string = geoReplica ? '${name}-writer.writer.postgres.database.azure.com' : server.properties.fullyQualifiedDomainName
