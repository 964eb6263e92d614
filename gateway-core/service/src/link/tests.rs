use rustix::net::sockopt;

use super::*;

async fn pair(
    server: &ClusterKey,
    client: &ClusterKey,
) -> [Result<(LinkSender, LinkReceiver), LinkError>; 2] {
    let listener = LinkListener::bind("127.0.0.1:0", server.clone()).await.unwrap();
    let address = listener.local_address().to_string();
    let answering = async { listener.accept().await?.0.open().await };
    let (answered, called) = tokio::join!(answering, connect(&address, client));
    [answered, called]
}

#[tokio::test]
async fn messages_of_any_size_arrive_whole_and_in_order() {
    let key = ClusterKey::generate().unwrap();
    let [answered, called] = pair(&key, &key).await;
    let (_, mut receiver) = answered.unwrap();
    let (mut sender, _receiver) = called.unwrap();
    let sizes = [0, 1, 65_514, 65_515, 65_516, 200_000, LINK_MESSAGE_BYTES_MAX];
    let sending = async move {
        for (index, size) in sizes.into_iter().enumerate() {
            sender.send(&vec![index as u8; size]).await.unwrap();
        }
        let too_long = vec![0; LINK_MESSAGE_BYTES_MAX + 1];
        assert!(matches!(sender.send(&too_long).await, Err(LinkError::BadMessage)));
    };
    let receiving = async move {
        for (index, size) in sizes.into_iter().enumerate() {
            let message = receiver.receive().await.unwrap().unwrap();
            assert_eq!(message, vec![index as u8; size]);
        }
        assert!(receiver.receive().await.unwrap().is_none());
    };
    tokio::join!(sending, receiving);
}

#[tokio::test]
async fn another_key_opens_nothing() {
    let (ours, theirs) = (ClusterKey::generate().unwrap(), ClusterKey::generate().unwrap());
    for end in pair(&ours, &theirs).await {
        assert!(matches!(end, Err(LinkError::WrongKey)), "{:?}", end.err());
    }
}

#[tokio::test]
async fn a_changed_frame_ends_the_link() {
    let key = ClusterKey::generate().unwrap();
    let [answered, called] = pair(&key, &key).await;
    let (_, mut receiver) = answered.unwrap();
    let (mut sender, _keep) = called.unwrap();
    sender.send(b"first").await.unwrap();
    assert_eq!(receiver.receive().await.unwrap().as_deref(), Some(&b"first"[..]));
    // The same nonce again is what a replay looks like to the receiver.
    sender.nonce -= 1;
    sender.send(b"again").await.unwrap();
    assert!(matches!(receiver.receive().await, Err(LinkError::BadMessage)));
}

#[tokio::test]
async fn a_taken_address_is_named() {
    let key = ClusterKey::generate().unwrap();
    let first = LinkListener::bind("127.0.0.1:0", key.clone()).await.unwrap();
    let address = first.local_address().to_string();
    let error = LinkListener::bind(&address, key).await.err().unwrap();
    assert!(error.to_string().contains(&address) && error.to_string().contains("taken"));
}

#[tokio::test]
async fn both_ends_notice_that_the_other_machine_is_gone() {
    let key = ClusterKey::generate().unwrap();
    for end in pair(&key, &key).await {
        let (sender, _receiver) = end.unwrap();
        let socket: &TcpStream = sender.half.as_ref();
        assert!(sockopt::socket_keepalive(socket).unwrap());
        let idle = sockopt::tcp_keepidle(socket).unwrap();
        let interval = sockopt::tcp_keepintvl(socket).unwrap();
        let gone_after = idle + interval * sockopt::tcp_keepcnt(socket).unwrap();
        assert_eq!(gone_after, Duration::from_secs(40));
    }
}

/// A listener at which nobody is out of time before the test is over.
async fn patient(key: &ClusterKey) -> (LinkListener, String) {
    let mut listener = LinkListener::bind("127.0.0.1:0", key.clone()).await.unwrap();
    listener.handshake_max = Duration::from_secs(3600);
    let address = listener.local_address().to_string();
    (listener, address)
}

/// Somebody at an address of this machine calls, and is heard by the first message at most.
async fn call_from(
    local: &str,
    listener: &LinkListener,
    says: &[u8],
) -> (TcpStream, JoinHandle<Result<Option<Vec<u8>>, LinkError>>) {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(format!("{local}:0").parse().unwrap()).unwrap();
    let mut stream = socket.connect(listener.local_address()).await.unwrap();
    stream.write_all(says).await.unwrap();
    let (pending, _) = listener.accept().await.unwrap();
    let heard = tokio::spawn(async move { pending.open().await?.1.receive().await });
    (stream, heard)
}

/// What a role says first, as somebody on its way can copy it.
fn first_frame(key: &ClusterKey) -> Vec<u8> {
    let mut message = [0; 256];
    let length = noise_builder(key).build_initiator().unwrap().write_message(&[], &mut message);
    let message = &message[..length.unwrap()];
    [&(message.len() as u16).to_le_bytes()[..], message].concat()
}

#[tokio::test]
async fn strangers_who_say_nothing_or_replay_keep_no_role_out() {
    let key = ClusterKey::generate().unwrap();
    for says in [Vec::new(), first_frame(&key)] {
        let (listener, address) = patient(&key).await;
        let mut strangers = Vec::new();
        for _ in 0..=LINKS_PENDING_MAX {
            strangers.push(call_from("127.0.0.1", &listener, &says).await);
        }
        let first = strangers.remove(0).1.await.unwrap();
        assert!(matches!(first, Err(LinkError::GaveWay)), "{first:?}");
        let key = key.clone();
        let calling = tokio::spawn(async move {
            let (mut sender, receiver) = connect(&address, &key).await?;
            sender.send(b"hello").await.map(|()| (sender, receiver))
        });
        let (pending, _) = listener.accept().await.unwrap();
        let (_sender, mut receiver) = pending.open().await.unwrap();
        assert_eq!(receiver.receive().await.unwrap().as_deref(), Some(&b"hello"[..]));
        let _open = calling.await.unwrap().unwrap();
        // A link that is open is nobody's place.
        for _ in 0..=LINKS_PENDING_MAX {
            strangers.push(call_from("127.0.0.1", &listener, &says).await);
        }
        assert!(listener.pending.lock().unwrap().len() <= LINKS_PENDING_MAX);
        assert!(tokio::time::timeout(Duration::from_millis(50), receiver.receive()).await.is_err());
    }
}

#[tokio::test]
async fn of_strangers_those_give_way_who_have_most() {
    let key = ClusterKey::generate().unwrap();
    let (listener, _) = patient(&key).await;
    let (_slow, heard) = call_from("127.0.0.2", &listener, b"").await;
    let mut strangers = Vec::new();
    for _ in 0..3 * LINKS_PENDING_MAX {
        strangers.push(call_from("127.0.0.1", &listener, b"").await);
    }
    assert!(!heard.is_finished());
    assert!(matches!(strangers.remove(0).1.await.unwrap(), Err(LinkError::GaveWay)));
}

#[tokio::test]
async fn whoever_replays_a_handshake_is_let_go_when_nothing_follows() {
    let key = ClusterKey::generate().unwrap();
    let (mut listener, _) = patient(&key).await;
    listener.handshake_max = Duration::from_millis(100);
    let (mut stream, heard) = call_from("127.0.0.1", &listener, &first_frame(&key)).await;
    let heard = tokio::time::timeout(Duration::from_secs(60), heard).await.unwrap().unwrap();
    assert!(matches!(heard, Err(LinkError::HandshakeTimeout)), "{heard:?}");
    // It had its answer, and then nothing more.
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(!answer.is_empty());
}
