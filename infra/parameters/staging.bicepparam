// What differs from one environment to the other. Secrets are read from the environment of who runs the deployment.
using '../main.bicep'

param environmentName = 'staging'
param baseName = 'diligo-dms-stg'
param registryName = 'diligostaging'
param secondRegion = false
param hostName = 'staging.dms.diligo.vn'
param alertEmail = 'ops@diligo.vn'
param adminGroupIds = ['00000000-0000-0000-0000-000000000000']
param systemNodes = 1
param appNodes = 2
param appNodesMin = 1
param appNodesMax = 3
param postgresSku = 'Standard_D2ds_v5'
param postgresStorageGb = 64
param zoneRedundant = false
param redisSku = 'Standard'
param redisCapacity = 1
param storageSku = 'Standard_LRS'
param serviceBusSku = 'Standard'
param apimSku = 'Developer'
param signalRUnits = 0
param rateLimitPerMinute = 5000
param firewallMode = 'Detection'
param logRetentionDays = 30
param logDailyCapGb = 1
param postgresPassword = readEnvironmentVariable('POSTGRES_PASSWORD')
param jwtSigningKey = readEnvironmentVariable('JWT_SIGNING_KEY')
