//! What goes wrong in a role reaches people: by Redis, a webhook and mail, once, and from nobody without the key.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use redis::Commands;
use serde_json::Value;
use sluice_end_to_end::mail_server::MailServer;
use sluice_end_to_end::ports::free_port;
use sluice_end_to_end::redis::RedisServer;
use sluice_end_to_end::roles::{Roles, stop};
use sluice_end_to_end::sluice::{PATIENCE, command, run};

/// What the lines of the ViaBTC server's roles begin with.
const VIABTC_MARK: &str = "373d26968a5a2b698045";

/// Takes posts of JSON; answers the first one with a failure, as a server does that restarts.
struct Webhook {
    url: String,
    got: Arc<Mutex<Vec<Value>>>,
}

impl Webhook {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let got = Arc::new(Mutex::new(Vec::new()));
        let taken = Arc::clone(&got);
        std::thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let mut stream = stream.unwrap();
                let body = read_post(&mut stream);
                let status = if number == 0 { "503 Service Unavailable" } else { "204 No Content" };
                if number > 0 {
                    taken.lock().unwrap().push(serde_json::from_slice(&body).unwrap());
                }
                write!(
                    stream,
                    "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                )
                .unwrap();
            }
        });
        Self { url, got }
    }
}

fn read_post(stream: &mut TcpStream) -> Vec<u8> {
    let mut reader = BufReader::new(stream);
    let (mut length, mut line) = (0, String::new());
    while reader.read_line(&mut line).unwrap() > 2 {
        let header = line.to_lowercase();
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    body
}

struct Center {
    address: String,
    redis: RedisServer,
    roles: Roles,
}

impl Center {
    fn list(&self) -> Vec<String> {
        self.redis.connection().lrange("alert:message", 0, -1).unwrap()
    }

    /// Waits until so many messages are in the list.
    fn wait_for(&self, messages: usize) -> Vec<String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let list = self.list();
            if list.len() >= messages {
                return list;
            }
            assert!(Instant::now() < deadline, "{messages} messages are expected: {list:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn alert(&self, text: &str, key: &str) -> bool {
        let key = self.roles.path(key);
        let arguments =
            ["alert", text, "--alertcenter", &self.address, "--key", key.to_str().unwrap()];
        let ran = run(&arguments, &[]);
        assert_eq!(ran.success, ran.out.contains("taken by the alertcenter"), "{ran:?}");
        ran.success
    }
}

#[test]
fn alerts_of_all_roles_reach_people_once() {
    let folder = tempfile::tempdir().unwrap();
    let (mail, webhook) = (MailServer::start(), Webhook::start());
    let redis = RedisServer::start();
    let store = format!("redis_url = {:?}", redis.url());
    let address_of_nobody = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
    let roles =
        Roles::configure(folder.path(), "bare", "http://127.0.0.1:1", address_of_nobody, &store);
    roles.make_key("other-key");
    let address = format!("127.0.0.1:{}", free_port());
    roles.write(
        "alertcenter",
        &format!(
            "listen = {address:?}\n{store}\nwebhooks = [{:?}]\nsmtp_url = {:?}\nmail_from = \"pool@example.org\"\n\
             mail_to = [\"Operator <operator@example.org>\"]\n",
            webhook.url,
            mail.url()
        ),
    );
    let running = roles.start("alertcenter", "alertcenter");
    running.wait_for_line(|line| line.contains("alertcenter listens on"), PATIENCE);
    let center = Center { address, redis, roles };

    // By hand, three times: told once, and the rest is counted.
    for _ in 0..3 {
        assert!(center.alert("a hand-made one", "key"));
    }
    let list = center.list();
    assert_eq!(list.len(), 1, "people have it before the operator has an answer: {list:?}");
    assert!(list[0].ends_with(": operator: a hand-made one"), "{list:?}");

    // A role that cannot start says so.
    let relay = center.roles.path("metarelay.toml");
    let taken = &center.address;
    let text = format!(
        "listen = {taken:?}\ncluster_key_file = {:?}\nalertcenter = {taken:?}\ndata_folder = {:?}\n",
        center.roles.path("key"),
        center.roles.path("relay-data")
    );
    std::fs::write(&relay, text).unwrap();
    let failed = command(&["metarelay", "--config", relay.to_str().unwrap()]).output().unwrap();
    assert!(!failed.status.success());
    let list = center.wait_for(2);
    assert!(
        list[1].contains(": metarelay: FATAL: it has ended: ") && list[1].contains("taken"),
        "{list:?}"
    );

    let _stranger = forge(&center);

    wait_for_people(2, &webhook, &mail);
    // An end in order tells what is still to be told.
    stop(running);
    let list = center.list();
    assert_eq!(list.len(), 3, "{list:?}");
    assert!(
        list[2].contains(": operator: 2 more within ") && list[2].ends_with(" s: a hand-made one"),
        "{list:?}"
    );

    // While the center is away a role's alerts wait for it.
    let blocks = center.roles.path("gateway-data").join("blocks");
    std::fs::create_dir_all(&blocks).unwrap();
    std::fs::write(blocks.join(format!("{}.block", "0".repeat(64))), "no block").unwrap();
    let gateway = center.roles.gateway_text("gateway-data", &center.roles.stratum);
    let gateway = format!("{gateway}alertcenter = {:?}\nhost = \"gw-7\"\n", center.address);
    center.roles.write("gateway", &gateway);
    let gateway = center.roles.start("gateway", "gateway");
    gateway.wait_for_line(|line| line.contains("FATAL"), PATIENCE);
    let running = center.roles.start("alertcenter", "alertcenter");
    let list = center.wait_for(4);
    assert!(list[3].starts_with("gw-7: gateway: FATAL: "), "{list:?}");
    drop(gateway);

    wait_for_people(4, &webhook, &mail);
    let lines = stop(running);
    assert!(!lines.iter().any(|line| line.contains("all is lost")), "{lines:?}");
    let list = center.list();
    assert_eq!(list.len(), 4, "{list:?}");
    check_people(&list, &webhook, &mail);
}

/// What strangers try: to speak as the ViaBTC server's roles do, and with another key. Gives the link that stays open.
fn forge(center: &Center) -> TcpStream {
    let forged = format!("{VIABTC_MARK}gw-1: all is lost\n");
    UdpSocket::bind("127.0.0.1:0").unwrap().send_to(forged.as_bytes(), &center.address).unwrap();
    let mut stream = TcpStream::connect(&center.address).unwrap();
    stream.write_all(forged.as_bytes()).unwrap();
    assert!(!center.alert("all is lost", "other-key"));
    stream
}

/// Waits until webhook and mail have so many: a center that is stopped waits for neither for long.
fn wait_for_people(messages: usize, webhook: &Webhook, mail: &MailServer) {
    let deadline = Instant::now() + PATIENCE;
    let mails = || mail.process.lines().iter().filter(|it| it.starts_with("Subject: ")).count();
    while webhook.got.lock().unwrap().len() < messages || mails() < messages {
        assert!(Instant::now() < deadline, "{:?}: {}", webhook.got, mail.process.log_tail());
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Whether webhook and mail got what the list has.
fn check_people(list: &[String], webhook: &Webhook, mail: &MailServer) {
    let posts = webhook.got.lock().unwrap().clone();
    let texts: Vec<_> = posts.iter().map(|post| post["text"].as_str().unwrap()).collect();
    assert_eq!(texts, list, "the webhook got the same, once each");
    assert_eq!((&posts[3]["host"], &posts[3]["severity"]), (&"gw-7".into(), &"fatal".into()));
    for subject in ["Subject: sluice notice: ", "Subject: sluice fatal: gw-7 gateway"] {
        mail.process.wait_for_line(|line| line.starts_with(subject), PATIENCE);
    }
    let mails = mail.process.lines();
    assert_eq!(mails.iter().filter(|line| line.starts_with("Subject: ")).count(), 4, "{mails:?}");
    assert!(mails.iter().any(|line| line.contains("operator@example.org")), "{mails:?}");
}
