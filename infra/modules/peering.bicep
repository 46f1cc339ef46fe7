// The two regions' networks see each other: for the replica of the database.
param firstName string
param secondName string

resource near 'Microsoft.Network/virtualNetworks@2024-05-01' existing = {
  name: firstName
}

resource far 'Microsoft.Network/virtualNetworks@2024-05-01' existing = {
  name: secondName
}

resource there 'Microsoft.Network/virtualNetworks/virtualNetworkPeerings@2024-05-01' = {
  parent: near
  name: 'to-second'
  properties: {
    allowVirtualNetworkAccess: true
    remoteVirtualNetwork: {
      id: far.id
    }
  }
}

resource back 'Microsoft.Network/virtualNetworks/virtualNetworkPeerings@2024-05-01' = {
  parent: far
  name: 'to-first'
  properties: {
    allowVirtualNetworkAccess: true
    remoteVirtualNetwork: {
      id: near.id
    }
  }
}
