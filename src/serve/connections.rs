//! Accepts connections, bounds them in number and in patience, and lets them end in peace.

use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot};

use super::EmbedError;
use super::routes::{Server, router};

/// How long to wait when the system has no more sockets to give.
const BREATHER: Duration = Duration::from_millis(50);

/// Serves connections until asked to end, and then those requests that have been accepted.
///
/// # Errors
/// What `opened` tells of a model that could not be opened.
pub async fn accept(
    listener: TcpListener,
    server: &Arc<Server>,
    mut opened: oneshot::Receiver<Result<(), EmbedError>>,
) -> Result<(), EmbedError> {
    let limits = server.limits;
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .keep_alive(true);
    let service = TowerToHyperService::new(router(server.clone()));
    let room = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let end = asked_to_end();
    tokio::pin!(end);
    let mut is_opened = false;
    loop {
        tokio::select! {
            result = &mut opened, if !is_opened => {
                is_opened = true;
                // The thread that opens the model always tells how it went, unless it panicked:
                // then the server never becomes ready, and says so to whoever asks.
                result.unwrap_or(Ok(()))?;
            }
            (stream, permit) = next(&listener, &room) => {
                // Small answers must not wait for more to come.
                let _ = stream.set_nodelay(true);
                let connection = http.serve_connection(TokioIo::new(stream), service.clone());
                let connection = graceful.watch(connection);
                tokio::spawn(async move {
                    // A client that breaks off is no concern of ours.
                    let _ = connection.await;
                    drop(permit);
                });
            }
            () = &mut end => break,
        }
    }
    drop(listener);
    let _ = tokio::time::timeout(limits.drain, graceful.shutdown()).await;
    Ok(())
}

async fn next(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> (TcpStream, tokio::sync::OwnedSemaphorePermit) {
    let permit = room.clone().acquire_owned().await;
    let permit = permit.expect("nobody closes it");
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, permit),
            Err(_) => tokio::time::sleep(BREATHER).await,
        }
    }
}

/// SIGTERM, as containers get it, or Ctrl-C.
async fn asked_to_end() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let terminated = async {
            match signal(SignalKind::terminate()) {
                Ok(mut signal) => {
                    signal.recv().await;
                }
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            () = interrupted => {}
            () = terminated => {}
        }
    }
    #[cfg(not(unix))]
    interrupted.await;
}
