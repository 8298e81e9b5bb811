//! The network: out of reach but for what is asked for and granted. Everything
//! here stays on this machine.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use boll_host::policy::GrantSet;
use boll_host::services::log::LogLine;
use serde_json::{Value, json};

use crate::bench::{Bench, Setup, grants, reply};
use crate::support::guests::http;

/// A service on the loopback of this machine, which counts who comes.
struct Service {
    port: u16,
    visits: Arc<AtomicUsize>,
}

impl Service {
    /// Greets whoever connects.
    fn greeting() -> Self {
        Self::start(|mut stream| {
            // Whoever connects may be gone already.
            let _ = stream.write_all(b"greetings");
        })
    }

    /// Answers requests of HTTP.
    fn http() -> Self {
        Self::start(|mut stream| {
            let mut request = [0; 4096];
            let read = stream.read(&mut request).unwrap_or_default();
            let request = String::from_utf8_lossy(&request[..read]).into_owned();
            let host = request
                .lines()
                .find_map(|line| line.strip_prefix("host: "))
                .unwrap_or("no host");
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{host}",
                host.len()
            );
            let _ = stream.write_all(answer.as_bytes());
        })
    }

    fn start(answer: impl Fn(TcpStream) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let visits = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&visits);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                counted.fetch_add(1, Ordering::SeqCst);
                answer(stream);
            }
        });
        Self { port, visits }
    }

    fn visits(&self) -> usize {
        self.visits.load(Ordering::SeqCst)
    }
}

fn setup(asks: &[(&str, u16)]) -> Setup {
    let asks = asks
        .iter()
        .map(|(host, port)| format!("[[network]]\nhost = \"{host}\"\nport = {port}\n"));
    let manifest: String = asks.collect();
    Bench::setup().without_sandbox().manifest(&manifest)
}

async fn network(bench: &Bench, steps: Value) -> Value {
    bench.json("network", &steps.to_string()).await
}

/// The reasons that the log gives.
fn reasons(lines: &[LogLine]) -> String {
    let lines = lines
        .iter()
        .filter(|line| line.message == "refused the network");
    lines.map(|line| format!("{:?}\n", line.fields)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_is_reached_only_where_it_is_asked_for_and_granted() {
    let (service, other) = (Service::greeting(), Service::greeting());
    let (port, to) = (service.port, format!("127.0.0.1:{}", service.port));
    let connect = json!([{"connect": to}, {"connect": format!("127.0.0.1:{}", other.port)}]);
    let grant = format!("network:127.0.0.1:{port}");
    let denied = json!({"err": "PermissionDenied"});

    let bench = setup(&[("127.0.0.1", port)]).grant(&grant).start().await;
    let results = network(&bench, connect.clone()).await;
    assert_eq!(results, json!([{"ok": "greetings"}, denied]));
    assert_eq!((service.visits(), other.visits()), (1, 0));
    let held = bench.json("held", "").await;
    assert_eq!(held[0]["name"], grant);
    let told = reasons(&bench.logged().await);
    let asked = format!("network:127.0.0.1:{}", other.port);
    assert!(
        told.contains(&asked) && told.contains("no [[network]]"),
        "{told}"
    );

    let asked = setup(&[("127.0.0.1", port)]).start().await;
    assert_eq!(
        network(&asked, connect.clone()).await,
        json!([denied, denied])
    );
    let told = reasons(&asked.logged().await);
    assert!(told.contains(&format!("\\\"{grant}\\\" would")), "{told}");

    let granted = setup(&[]).grant(&grant).start().await;
    granted.judged.take();
    assert_eq!(network(&granted, connect).await, json!([denied, denied]));
    let told = reasons(&granted.logged().await);
    assert_eq!(told.matches("no [[network]]").count(), 2, "{told}");
    let judged = granted.judged.take();
    let refused = judged
        .iter()
        .filter(|event| event.capability == "network:*:*" && event.refused.is_some());
    assert_eq!(refused.count(), 2, "{judged:?}");
    assert_eq!((service.visits(), other.visits()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_looked_up_only_where_it_is_asked_for_and_granted() {
    let service = Service::greeting();
    let port = service.port;
    let bench = setup(&[("localhost", port), ("other.example", port)])
        .grant(&format!("network:localhost:{port}"))
        .start()
        .await;
    let by_name = format!("localhost:{port}");
    let by_address = format!("127.0.0.1:{port}");
    // The address may be used when the name has led to it, and not before.
    let results = network(
        &bench,
        json!([
            {"connect": by_address},
            {"connect": by_name},
            {"connect": by_address},
            {"connect": format!("127.0.0.1:{}", port ^ 1)},
        ]),
    )
    .await;
    assert_eq!(results[0]["err"], "PermissionDenied", "{results}");
    assert_eq!(results[1]["ok"], "greetings", "{results}");
    assert_eq!(results[2]["ok"], "greetings", "{results}");
    assert_eq!(results[3]["err"], "PermissionDenied", "{results}");
    assert_eq!(service.visits(), 2);
    // In another instance it has not.
    let results = network(&bench, json!([{"connect": by_address}])).await;
    assert_eq!(results[0]["err"], "PermissionDenied", "{results}");
    for name in [
        "other.example",
        "third.example",
        "127.1",
        "0x7f000001",
        "a b",
    ] {
        let results = network(&bench, json!([{"look-up": name}])).await;
        assert!(results[0]["err"].is_string(), "{name}: {results}");
    }
    let told = reasons(&bench.logged().await);
    let missing = format!("network:other.example:{port}\\\" would");
    assert!(told.contains(&missing), "{told}");
    assert!(told.contains("network:third.example:*"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn capsules_do_not_listen() {
    let bench = setup(&[("127.0.0.1", 1)])
        .grant("network:127.0.0.1:1")
        .start()
        .await;
    for at in ["127.0.0.1:0", "127.0.0.1:1", "0.0.0.0:0", "[::1]:0"] {
        let results = network(&bench, json!([{"listen": at}])).await;
        assert_eq!(results[0]["err"], "PermissionDenied", "{at}: {results}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn datagrams_are_judged_as_connections_are() {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let other = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let address = |socket: &UdpSocket| -> SocketAddr { socket.local_addr().expect("an address") };
    let (to, elsewhere) = (address(&socket), address(&other));
    let answering = thread::spawn(move || {
        let mut buffer = [0; 64];
        let (length, from) = socket.recv_from(&mut buffer).expect("a datagram");
        socket.send_to(b"pong", from).expect("sent");
        String::from_utf8_lossy(&buffer[..length]).into_owned()
    });
    let bench = setup(&[("127.0.0.1", to.port())])
        .grant(&format!("network:{to}"))
        .start()
        .await;
    let results = network(&bench, json!([{"datagram": to}, {"send": elsewhere}])).await;
    assert_eq!(results[0]["ok"], "pong", "{results}");
    assert_eq!(results[1]["err"], "PermissionDenied", "{results}");
    assert_eq!(answering.join().expect("no panic"), "ping");
    other.set_nonblocking(true).expect("a socket");
    assert!(other.recv(&mut [0; 64]).is_err(), "nothing arrived");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_host_is_refused_at_the_next_connection() {
    let service = Service::greeting();
    let to = format!("127.0.0.1:{}", service.port);
    let bench = setup(&[("127.0.0.1", service.port)])
        .grant(&format!("network:{to}"))
        .start()
        .await;
    let connect = json!([{"connect": to}]);
    assert_eq!(network(&bench, connect.clone()).await[0]["ok"], "greetings");
    assert!(bench.runtime.set_grants(&bench.id, &GrantSet::default()));
    let results = network(&bench, connect.clone()).await;
    assert_eq!(results[0]["err"], "PermissionDenied");
    let again = grants(&[format!("network:{to}")]);
    assert!(bench.runtime.set_grants(&bench.id, &again));
    assert_eq!(network(&bench, connect).await[0]["ok"], "greetings");
    assert_eq!(service.visits(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_sent_only_where_it_is_asked_for_and_granted() {
    let (service, other) = (Service::http(), Service::http());
    let port = service.port;
    let component = fs::read(http()).expect("a component");
    let bench = Bench::plain().await;
    let get = async |setup: &Setup, url: String| {
        let load = setup.load_of("http", component.clone());
        let id = bench.runtime.load(load).await.expect("loaded");
        let payload = url.into_bytes();
        reply(
            bench
                .runtime
                .invoke(&id, "get", payload, Default::default())
                .await,
        )
    };
    let asks = [("127.0.0.1", port), ("localhost", port)];
    let granted = setup(&asks)
        .grant(&format!("network:127.0.0.1:{port}"))
        .grant(&format!("network:localhost:{port}"));
    for host in ["127.0.0.1", "localhost", "LOCALHOST"] {
        let response = get(&granted, format!("http://{host}:{port}/")).await;
        let expected = json!({"status": 200, "body": format!("{host}:{port}")});
        assert_eq!(response["ok"], expected, "{response}");
    }
    assert_eq!(service.visits(), 3);
    let denied = "ErrorCode::HttpRequestDenied";
    for (setup, url) in [
        (&granted, format!("http://127.0.0.1:{}/", other.port)),
        (&granted, format!("http://localhost:{}/", other.port)),
        (&granted, format!("https://127.0.0.1:{}/", other.port)),
        (&granted, "https://other.example/".to_owned()),
        (&setup(&asks), format!("http://127.0.0.1:{port}/")),
    ] {
        let response = get(setup, url.clone()).await;
        assert_eq!(response["err"], denied, "{url}");
    }
    let unasked = bench
        .runtime
        .load(setup(&[]).load_of("http", component.clone()));
    let error = unasked
        .await
        .expect_err("its manifest asks for no host")
        .cause;
    let error = error.to_string();
    assert!(error.contains("wasi:http/outgoing-handler"), "{error}");
    assert!(error.contains("[[network]]"), "{error}");
    let response = get(&granted, format!("http://me@127.0.0.1:{port}/")).await;
    assert_eq!(response["err"], "ErrorCode::HttpRequestUriInvalid");
    assert_eq!((service.visits(), other.visits()), (3, 0));
    // It is allowed, and no certificate is there.
    let response = get(&granted, format!("https://127.0.0.1:{port}/")).await;
    let error = response["err"].as_str().expect("an error");
    assert!(error.contains("Tls"), "{error}");
    let told = reasons(&bench.logged().await);
    assert!(
        told.contains(&format!("127.0.0.1:{port}\\\" would")),
        "{told}"
    );
    assert!(told.contains("network:other.example:443"), "{told}");
}
