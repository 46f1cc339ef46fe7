"""Microsoft's own client against the emulator: send, batch, receive, complete, abandon, dead-letter, topic, renewal of links."""
import sys

from azure.servicebus import ServiceBusClient, ServiceBusMessage, ServiceBusSubQueue
from azure.servicebus.exceptions import ServiceBusAuthenticationError, ServiceBusError

good = sys.argv[1]


def body(message):
    return b"".join(message.body)


with ServiceBusClient.from_connection_string(good, retry_total=0) as client:
    with client.get_queue_sender("orders") as sender:
        sender.send_messages(
            ServiceBusMessage(
                b'{"n":1}',
                subject="OrderCreated",
                message_id="m1",
                application_properties={"tenant": "t1"},
                content_type="application/json",
            )
        )
        sender.send_messages([ServiceBusMessage(b"dead", message_id="m2"), ServiceBusMessage(b"again", message_id="m3")])

    with client.get_queue_receiver("orders", max_wait_time=5) as receiver:
        message = receiver.receive_messages(1, 5)[0]
        assert (message.message_id, body(message), message.subject) == ("m1", b'{"n":1}', "OrderCreated"), message
        assert message.delivery_count == 0 and message.sequence_number == 1, message
        assert message.application_properties == {b"tenant": b"t1"}, message.application_properties
        assert message.lock_token and message.locked_until_utc and message.enqueued_time_utc
        receiver.complete_message(message)

        message = receiver.receive_messages(1, 5)[0]
        assert message.message_id == "m2"
        receiver.dead_letter_message(message, reason="bad", error_description="because")

        for tries in range(3):
            message = receiver.receive_messages(1, 5)[0]
            assert (message.message_id, message.delivery_count) == ("m3", tries), message
            if tries < 2:
                receiver.abandon_message(message)
        receiver.complete_message(message)
        assert receiver.receive_messages(1, 1) == []

    with client.get_queue_receiver("orders", sub_queue=ServiceBusSubQueue.DEAD_LETTER, max_wait_time=5) as receiver:
        message = receiver.receive_messages(1, 5)[0]
        assert (message.message_id, message.dead_letter_reason) == ("m2", "bad"), message
        assert message.dead_letter_error_description == "because"
        receiver.complete_message(message)

    # What is received and not settled comes again.
    with client.get_queue_sender("orders") as sender:
        sender.send_messages(ServiceBusMessage(b"x" * 200_000, message_id="large"))
    with client.get_queue_receiver("orders", max_wait_time=5) as receiver:
        assert receiver.receive_messages(1, 5)[0].message_id == "large"
    with client.get_queue_receiver("orders", max_wait_time=5) as receiver:
        message = receiver.receive_messages(1, 5)[0]
        assert (message.message_id, message.delivery_count, len(body(message))) == ("large", 1, 200_000)
        receiver.complete_message(message)

    with client.get_topic_sender("events") as sender:
        sender.send_messages(ServiceBusMessage(b"e1", message_id="e1"))
    for subscription in ("a", "b"):
        with client.get_subscription_receiver("events", subscription, max_wait_time=5) as receiver:
            message = receiver.receive_messages(1, 5)[0]
            assert message.message_id == "e1"
            receiver.complete_message(message)

    try:
        with client.get_queue_sender("nowhere") as sender:
            sender.send_messages(ServiceBusMessage(b"lost"))
        raise AssertionError("a queue that isn't there took a message")
    except ServiceBusError:
        pass

bad = good.replace("SharedAccessKey=", "SharedAccessKey=wrong")
with ServiceBusClient.from_connection_string(bad, retry_total=0) as client:
    try:
        with client.get_queue_sender("orders") as sender:
            sender.send_messages(ServiceBusMessage(b"lost"))
        raise AssertionError("a wrong key was let in")
    except ServiceBusAuthenticationError:
        pass

print("accepted")
