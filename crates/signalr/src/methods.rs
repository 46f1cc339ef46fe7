//! What clients may call.

use std::{collections::HashMap, fmt, pin::Pin};

use futures_util::{FutureExt, Stream, StreamExt, future::BoxFuture, stream::BoxStream};
use serde::Serialize;

use crate::{
    Connection, Hub, HubError,
    arguments::{Argument, Given},
    proto::value::{RawValue, encoded},
};

/// The methods of a hub, by name. Letter case does not matter, as in ASP.NET Core.
///
/// A method is an `async fn` that takes the caller's [`Connection`] and up to eight arguments, and returns
/// a `Result` with a [`HubError`]. Arguments are whatever `serde` reads, and [`Upload`](crate::Upload) for
/// a stream that the client sends.
pub struct Methods<H: Hub> {
    by_name: HashMap<String, Method<H>>,
    repeated: Option<String>,
}

/// A method at work.
pub(crate) type Running = BoxFuture<'static, Result<Reply, HubError>>;

/// One method, its types forgotten.
pub(crate) struct Method<H: Hub> {
    pub(crate) kind: Kind,
    /// How many streams of the client it takes.
    pub(crate) uploads: usize,
    run: Box<dyn Fn(Connection<H>, Given) -> Running + Send + Sync>,
}

/// What a method gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// At most one value.
    Once,
    /// A stream of values.
    Stream,
}

/// What a method has returned.
#[doc(hidden)]
pub struct Reply(pub(crate) Answer);

/// The values of a method, written in the protocol of the caller.
pub(crate) enum Answer {
    Void,
    Value(RawValue),
    Stream(BoxStream<'static, Result<RawValue, HubError>>),
}

impl<H: Hub> Methods<H> {
    pub(crate) fn of_hub() -> Self {
        let mut methods = Self { by_name: HashMap::new(), repeated: None };
        H::methods(&mut methods);
        methods
    }

    /// Adds a method that answers once: `async fn(Connection<H>, A, …) -> Result<R, HubError>`. With `()` as
    /// `R` it has no result.
    pub fn call<A, F: Call<H, A>>(&mut self, name: &str, method: F) -> &mut Self {
        let run = move |connection, given| method.run(connection, given);
        self.add(name, Method { kind: Kind::Once, uploads: F::UPLOADS, run: Box::new(run) })
    }

    /// Adds a method that answers with a stream: `async fn(Connection<H>, A, …) -> Result<S, HubError>`, where
    /// `S` is a stream of `Result<T, HubError>`. The stream is dropped when the client cancels it.
    pub fn stream<A, F: StreamCall<H, A>>(&mut self, name: &str, method: F) -> &mut Self {
        let run = move |connection, given| method.run(connection, given);
        self.add(name, Method { kind: Kind::Stream, uploads: F::UPLOADS, run: Box::new(run) })
    }

    fn add(&mut self, name: &str, method: Method<H>) -> &mut Self {
        if self.by_name.insert(name.to_lowercase(), method).is_some() {
            self.repeated.get_or_insert_with(|| name.to_owned());
        }
        self
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Method<H>> {
        self.by_name.get(name).or_else(|| self.by_name.get(&name.to_lowercase()))
    }

    /// A name that was given twice.
    pub(crate) fn repeated(&self) -> Option<&str> {
        self.repeated.as_deref()
    }

    /// Whether any method needs a connection to this very process.
    pub(crate) fn has_streams(&self) -> bool {
        self.by_name.values().any(|method| method.kind == Kind::Stream || method.uploads > 0)
    }
}

impl<H: Hub> Method<H> {
    pub(crate) fn run(&self, connection: Connection<H>, given: Given) -> Running {
        (self.run)(connection, given)
    }
}

impl<H: Hub> fmt::Debug for Methods<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.by_name.keys()).finish()
    }
}

/// A function that [`Methods::call`] takes. `A` are its arguments.
pub trait Call<H: Hub, A>: Send + Sync + 'static {
    #[doc(hidden)]
    const UPLOADS: usize;
    #[doc(hidden)]
    fn run(&self, connection: Connection<H>, given: Given) -> BoxFuture<'static, Result<Reply, HubError>>;
}

/// A function that [`Methods::stream`] takes. `A` are its arguments.
pub trait StreamCall<H: Hub, A>: Send + Sync + 'static {
    #[doc(hidden)]
    const UPLOADS: usize;
    #[doc(hidden)]
    fn run(&self, connection: Connection<H>, given: Given) -> BoxFuture<'static, Result<Reply, HubError>>;
}

fn refused(error: HubError) -> Running {
    std::future::ready(Err(error)).boxed()
}

/// Takes the arguments out of what was given, all of it, or refuses the call.
macro_rules! take {
    ($given:ident, $($argument:ident $value:ident),*) => {
        $(let $value = match $argument::take(&mut $given) {
            Ok(value) => value,
            Err(error) => return refused(error),
        };)*
        if let Err(error) = $given.finish() {
            return refused(error);
        }
    };
}

macro_rules! functions {
    ($($argument:ident $value:ident),*) => {
        impl<H, F, R, T, $($argument),*> Call<H, ($($argument,)*)> for F
        where
            H: Hub,
            F: Fn(Connection<H>, $($argument),*) -> R + Send + Sync + 'static,
            R: Future<Output = Result<T, HubError>> + Send + 'static,
            T: Serialize + Send + 'static,
            $($argument: Argument,)*
        {
            const UPLOADS: usize = 0 $(+ $argument::UPLOADS)*;

            fn run(
                &self,
                connection: Connection<H>,
                mut given: Given,
            ) -> BoxFuture<'static, Result<Reply, HubError>> {
                let protocol = given.protocol();
                take!(given, $($argument $value),*);
                let running = self(connection, $($value),*);
                async move {
                    let value = running.await?;
                    if (&value as &dyn std::any::Any).is::<()>() {
                        return Ok(Reply(Answer::Void));
                    }
                    Ok(Reply(Answer::Value(encoded(&value, protocol).map_err(HubError::internal)?)))
                }
                .boxed()
            }
        }

        impl<H, F, R, S, T, $($argument),*> StreamCall<H, ($($argument,)*)> for F
        where
            H: Hub,
            F: Fn(Connection<H>, $($argument),*) -> R + Send + Sync + 'static,
            R: Future<Output = Result<S, HubError>> + Send + 'static,
            S: Stream<Item = Result<T, HubError>> + Send + 'static,
            T: Serialize + Send + 'static,
            $($argument: Argument,)*
        {
            const UPLOADS: usize = 0 $(+ $argument::UPLOADS)*;

            fn run(
                &self,
                connection: Connection<H>,
                mut given: Given,
            ) -> BoxFuture<'static, Result<Reply, HubError>> {
                let protocol = given.protocol();
                take!(given, $($argument $value),*);
                let running = self(connection, $($value),*);
                async move {
                    let items = running.await?.map(move |item| {
                        encoded(&item?, protocol).map_err(HubError::internal)
                    });
                    let items: Pin<Box<dyn Stream<Item = _> + Send>> = Box::pin(items);
                    Ok(Reply(Answer::Stream(items)))
                }
                .boxed()
            }
        }
    };
}

functions!();
functions!(A1 a);
functions!(A1 a, A2 b);
functions!(A1 a, A2 b, A3 c);
functions!(A1 a, A2 b, A3 c, A4 d);
functions!(A1 a, A2 b, A3 c, A4 d, A5 e);
functions!(A1 a, A2 b, A3 c, A4 d, A5 e, A6 f);
functions!(A1 a, A2 b, A3 c, A4 d, A5 e, A6 f, A7 g);
functions!(A1 a, A2 b, A3 c, A4 d, A5 e, A6 f, A7 g, A8 h);
