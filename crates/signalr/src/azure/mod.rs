//! Azure SignalR Service in its serverless mode.
//!
//! Clients connect to the service. A negotiation here lets them in and redirects them to it; events are sent by
//! its REST interface, and what clients call or do comes back as signed requests ("upstream"). The hub stays the
//! same, but for what needs a connection to this process: streams, and asking clients.

mod jwt;
pub(crate) mod rest;
mod settings;
pub(crate) mod upstream;

use std::{sync::Arc, time::Duration};

use serde::Serialize;

use crate::{BackplaneError, Hub, HubOptions, HubServer, HubSetupError, scale::Scale};
pub use settings::{AzureSettings, AzureSettingsError};

/// How long a client may take to begin with its token, unless the hub says less. The service asks for nothing
/// later.
const TOKEN_LIFE: Duration = Duration::from_secs(3600);

/// The service, for one hub.
#[derive(Debug)]
pub(crate) struct Service {
    settings: Arc<AzureSettings>,
    /// In lower case, as the service wants it.
    hub: String,
    http: reqwest::Client,
}

/// What a negotiation is answered.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Redirect {
    url: String,
    access_token: String,
}

impl<H: Hub> HubServer<H> {
    /// A hub whose clients connect to Azure SignalR Service, where the hub has this name. The service has to be
    /// told to send what clients do to `…/upstream` behind the path of [`HubServer::router`], with the secret
    /// of the settings as its `code`.
    ///
    /// # Errors
    /// Two methods of the hub have the same name, or one takes or gives streams.
    pub fn with_azure(
        hub: H,
        options: HubOptions,
        settings: AzureSettings,
        name: &str,
    ) -> Result<Self, HubSetupError> {
        let http = reqwest::Client::builder()
            .timeout(options.send_timeout)
            .build()
            .map_err(|error| BackplaneError::new("requests cannot be made", error))?;
        let service = Service { settings: Arc::new(settings), hub: name.to_lowercase(), http };
        Self::with(hub, options, Scale::Azure(service))
    }
}

impl Service {
    /// Where a client that is let in has to go, and with which token.
    pub(crate) fn redirect(&self, user_key: Option<&str>, valid_for: Option<Duration>) -> Redirect {
        let audience = format!("{}/client/?hub={}", self.settings.endpoint, self.hub);
        let life = valid_for.map_or(TOKEN_LIFE, |valid| valid.min(TOKEN_LIFE));
        let access_token = jwt::sign(&self.settings.key, &audience, user_key, life);
        Redirect { url: format!("{}/client/?hub={}", self.settings.client_endpoint, self.hub), access_token }
    }
}
