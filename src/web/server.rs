//! The listener: connections within limits, and an end without a failed request (X54, X59).

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use axum::{Router, body::Body, extract::ConnectInfo, http::Request};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use parking_lot::Mutex;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
};
use tower::Service as _;

use super::{health::Draining, stream::Cut};
use crate::{app::App, rooms};

/// The largest head of a request, in bytes and fields.
const MAX_HEAD: usize = 24 * 1024;
const MAX_HEADERS: usize = 100;

/// How many connections each address has.
type Counts = Arc<Mutex<HashMap<IpAddr, usize>>>;

/// Serves until `stop` comes, then lets running requests finish.
pub async fn serve(app: App, listener: TcpListener, stop: impl Future<Output = ()>) {
    let router = super::router(app.clone());
    let graceful = GracefulShutdown::new();
    let permits = Arc::new(Semaphore::new(app.config.server.max_connections));
    let counts = Counts::default();
    let mut stop = std::pin::pin!(stop);
    loop {
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { break };
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => connect(&app, &router, &graceful, stream, (peer, permit, &counts)),
                Err(error) => {
                    tracing::warn!(error = %error, "a connection could not be taken");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            },
            () = &mut stop => break,
        }
    }
    drain(&app, &listener, &router, &graceful, &permits, &counts).await;
    drop(listener);
    let limit = app.config.server.shutdown_timeout.duration();
    if tokio::time::timeout(limit, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
}

/// Still serves for a while, so that balancers see `/health/ready` say no before anyone is refused.
async fn drain(
    app: &App,
    listener: &TcpListener,
    router: &Router,
    graceful: &GracefulShutdown,
    permits: &Arc<Semaphore>,
    counts: &Counts,
) {
    app.state::<Draining>().0.store(true, Ordering::Relaxed);
    rooms::stopping(app);
    let end = tokio::time::Instant::now() + app.config.server.drain.duration();
    tracing::info!("stopping");
    loop {
        let Ok(permit) = Arc::clone(permits).acquire_owned().await else { return };
        match tokio::time::timeout_at(end, listener.accept()).await {
            Ok(Ok((stream, peer))) => {
                connect(app, router, graceful, stream, (peer, permit, counts));
            }
            Ok(Err(_)) => {}
            Err(_) => return,
        }
    }
}

/// Gives a connection a task of its own.
#[expect(clippy::disallowed_methods, reason = "a connection ends with the process")]
fn connect(
    app: &App,
    router: &Router,
    graceful: &GracefulShutdown,
    stream: TcpStream,
    (peer, permit, counts): (SocketAddr, OwnedSemaphorePermit, &Counts),
) {
    let Some(place) = Place::take(app, counts, peer.ip(), permit) else {
        tracing::warn!(remote_addr = %peer.ip(), "too many connections from one address");
        return;
    };
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(error = %error, "the connection is gone already");
    }
    let router = router.clone();
    let cut = Arc::new(Notify::new());
    let cutting = Cut(Arc::clone(&cut));
    let service = hyper::service::service_fn(move |request: Request<hyper::body::Incoming>| {
        let mut router = router.clone();
        let (mut parts, body) = request.into_parts();
        parts.extensions.insert(ConnectInfo(peer));
        parts.extensions.insert(cutting.clone());
        async move { router.call(Request::from_parts(parts, Body::new(body))).await }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(app.config.server.header_timeout.duration())
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        tokio::select! {
            ended = connection => if let Err(error) = ended {
                tracing::debug!(error = %error, "a connection ended early");
            },
            () = cut.notified() => tracing::debug!("a reader was too slow and is cut off"),
        }
        drop(place);
    });
}

/// A connection's place among all and among those of its address.
struct Place {
    counts: Counts,
    address: IpAddr,
    _permit: OwnedSemaphorePermit,
}

impl Place {
    fn take(
        app: &App,
        counts: &Counts,
        address: IpAddr,
        permit: OwnedSemaphorePermit,
    ) -> Option<Self> {
        let server = &app.config.server;
        let mut locked = counts.lock();
        let count = locked.entry(address).or_default();
        let trusted = server.trusted_proxies.contains(address.to_canonical());
        if *count >= server.max_connections_per_address && !trusted {
            return None;
        }
        *count += 1;
        drop(locked);
        Some(Self { counts: Arc::clone(counts), address, _permit: permit })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.counts.lock();
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}
