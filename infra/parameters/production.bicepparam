// What differs from one environment to the other. Secrets are read from the environment of who runs the deployment.
using '../main.bicep'

param environmentName = 'production'
param baseName = 'diligo-dms'
param registryName = 'diligo'
param secondRegion = true
param hostName = 'dms.diligo.vn'
param alertEmail = 'ops@diligo.vn'
param adminGroupIds = ['00000000-0000-0000-0000-000000000000']
param systemNodes = 3
param appNodes = 5
param appNodesMin = 3
param appNodesMax = 10
param postgresSku = 'Standard_D4ds_v5'
param postgresStorageGb = 128
param zoneRedundant = true
param redisSku = 'Premium'
param redisCapacity = 1
param storageSku = 'Standard_RAGRS'
param serviceBusSku = 'Standard'
param apimSku = 'Developer'
param signalRUnits = 0
param rateLimitPerMinute = 1000
param firewallMode = 'Prevention'
param logRetentionDays = 90
param logDailyCapGb = 2
param postgresPassword = readEnvironmentVariable('POSTGRES_PASSWORD')
param jwtSigningKey = readEnvironmentVariable('JWT_SIGNING_KEY')
