use std::future::Future;

use crate::ApiError;

/// Fixes the error type of a transaction's body, so that `?` knows what to convert to.
#[doc(hidden)]
pub fn body<T, F: Future<Output = Result<T, ApiError>>>(body: F) -> F {
    body
}

/// Runs a block in one transaction of the database `$db` for the context `$cx`: commits when it gives `Ok`, rolls back
/// when it gives `Err`, and runs it again when the server says that nothing was done (deadlock, lost connection
/// before the commit). So the block must be repeatable: no files, no network, nothing but `$tx`.
///
/// ```ignore
/// let view = transaction!(app.db, caller.context(), "orders.approve", |tx| {
///     let order = store::lock(tx, id).await?;
///     Ok(store::view(tx, order.id).await?)
/// })?;
/// ```
#[macro_export]
macro_rules! transaction {
    ($db:expr, $cx:expr, $name:literal, |$tx:ident| $body:block) => {{
        let mut attempts = $crate::macro_support::Attempts::new($name);
        loop {
            let mut stage = $crate::macro_support::Stage::Body;
            let outcome = $crate::macro_support::body(async {
                let mut open = $db.begin($cx).await?;
                let value = {
                    let $tx: &mut $crate::macro_support::PgConnection = &mut open;
                    $crate::macro_support::body(async { $body }).await?
                };
                stage = $crate::macro_support::Stage::Commit;
                open.commit().await?;
                Ok(value)
            })
            .await;
            match outcome {
                Err(error) => match error.database() {
                    Some(cause) if attempts.again(cause, stage).await => {}
                    _ => break Err(error),
                },
                done => break done,
            }
        }
    }};
}
