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

#[tokio::test]
async fn strangers_who_say_nothing_keep_no_role_out() {
    let key = ClusterKey::generate().unwrap();
    let mut listener = LinkListener::bind("127.0.0.1:0", key.clone()).await.unwrap();
    // None of them is out of time before the last one has come.
    listener.handshake_max = Duration::from_secs(3600);
    let address = listener.local_address().to_string();
    let (mut strangers, mut handshakes) = (Vec::new(), Vec::new());
    for _ in 0..=LINKS_PENDING_MAX {
        strangers.push(TcpStream::connect(&address).await.unwrap());
        let (pending, _) = listener.accept().await.unwrap();
        handshakes.push(tokio::spawn(pending.open()));
    }
    let first = handshakes.remove(0).await.unwrap();
    assert!(matches!(first, Err(LinkError::GaveWay)), "{:?}", first.err());
    let calling = tokio::spawn(async move { connect(&address, &key).await.map(drop) });
    let (pending, _) = listener.accept().await.unwrap();
    pending.open().await.unwrap();
    calling.await.unwrap().unwrap();
    assert!(listener.pending.lock().unwrap().len() <= LINKS_PENDING_MAX);
}
