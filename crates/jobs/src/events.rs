use std::sync::Arc;
use std::time::Duration;

use adapters::bus::Bus;
use db::{Context, Db};
use platform::{Clock, Wake};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::store::events as store;
use crate::{Consumer, Listener, deliver, post, receive, relay};

const WATCH_EVERY: Duration = Duration::from_secs(15);

/// Everything between the outbox and those who hear or act on events.
#[derive(Clone)]
pub struct Events {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Rung by commits of this process.
    pub wake: Wake,
    /// Who hears everything, live.
    pub listeners: Vec<Arc<dyn Listener>>,
    /// Who acts.
    pub consumers: Vec<Arc<dyn Consumer>>,
    /// The bus between; without it events go from table to table.
    pub bus: Option<Arc<dyn Bus>>,
}

impl Events {
    /// Works until told to stop. When it is dropped everything ends where it stands.
    pub async fn run(self, stop: CancellationToken) {
        let mut work = JoinSet::new();
        // Rung when something was put down for a consumer.
        let waiting: Vec<(Arc<dyn Consumer>, Wake)> =
            self.consumers.iter().map(|consumer| (consumer.clone(), Wake::default())).collect();
        let mut routes = Vec::new();
        match &self.bus {
            None => {
                for (consumer, wake) in &waiting {
                    let wanted = consumer.clone();
                    let wants = Arc::new(move |kind: &str| wanted.wants(kind));
                    routes.push(relay::Route { consumer: consumer.name(), wants, wake: wake.clone() });
                }
            }
            Some(bus) => {
                let wake = Wake::default();
                let post = post::Post::new(self.db.clone(), bus.clone(), self.consumers.clone());
                let wants = Arc::new(post::wants);
                routes.push(relay::Route { consumer: post::NAME, wants, wake: wake.clone() });
                work.spawn(post.run(self.clock.clone(), wake, stop.clone()));
                for (consumer, wake) in &waiting {
                    let receive = receive::Receive::new(
                        self.db.clone(),
                        self.clock.clone(),
                        consumer.name(),
                        wake.clone(),
                    );
                    work.spawn(receive.run(bus.clone(), stop.clone()));
                }
            }
        }
        for (consumer, wake) in waiting {
            let deliver = deliver::Deliver::new(self.db.clone(), self.clock.clone(), consumer);
            work.spawn(deliver.run(wake, stop.clone()));
        }
        work.spawn(watch(self.db.clone(), self.clock.clone(), stop.clone()));
        let relay = relay::Relay::new(self.db, self.clock, self.listeners, routes);
        work.spawn(relay.run(self.wake, stop));
        while let Some(ended) = work.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a part of the way of events ended by itself");
            }
        }
    }
}

/// What somebody should know of who looks at the figures: how much waits, and what was given up.
async fn watch(db: Db, clock: Arc<dyn Clock>, stop: CancellationToken) {
    let cx = Context::system("events");
    loop {
        let counted = async {
            let mut tx = db.lookup(&cx).await?;
            store::count_waiting(&mut tx).await
        };
        match counted.await {
            Ok(counts) => {
                metrics::gauge!("deliveries_waiting").set(counts.waiting as f64);
                metrics::gauge!("dead_letters").set(counts.dead as f64);
                // Looked at from outside: a relay that hangs, or a bus that takes nothing, could not tell.
                let lag = counts.oldest.map_or(0.0, |at| (clock.now() - at).as_seconds_f64().max(0.0));
                metrics::gauge!("outbox_lag_seconds").set(lag);
            }
            Err(error) => tracing::debug!(%error, "what waits can't be counted"),
        }
        tokio::select! {
            () = tokio::time::sleep(WATCH_EVERY) => {}
            () = stop.cancelled() => return,
        }
    }
}
