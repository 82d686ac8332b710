"""Reads a TensorBoard event file, for the tests of the writer, and prints its events as JSON.

    python3 tests/references/tensorboard.py events.out.tfevents.1700000000.host

TFRecord and its checksums are read by what their definition says, the messages by Google's protobuf (exit code 77 without it).
"""
import json
import struct
import sys

try:
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
except ImportError:
    sys.exit(77)


def crc32c(data):
    """RFC 3720, appendix B.4: reflected polynomial 0x82f63b78, bit by bit."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return (crc >> 15 | crc << 17) + 0xA282EAD8 & 0xFFFFFFFF


def records(data):
    while data:
        header, (length, length_crc) = data[:8], struct.unpack("<QI", data[:12])
        assert masked(header) == length_crc, "checksum of a length"
        record, (record_crc,) = data[12:12 + length], struct.unpack("<I", data[12 + length:16 + length])
        assert masked(record) == record_crc, "checksum of a record"
        yield record
        data = data[16 + length:]


def event_type():
    """The fields of event.proto and summary.proto that are read here."""
    file = descriptor_pb2.FileDescriptorProto(name="event.proto", syntax="proto3")
    kinds = descriptor_pb2.FieldDescriptorProto

    def message(name, *fields):
        m = file.message_type.add(name=name)
        for field, number, kind, label, of in fields:
            m.field.add(name=field, number=number, type=kind, label=label, type_name=of)

    one, many = kinds.LABEL_OPTIONAL, kinds.LABEL_REPEATED
    message("Value", ("tag", 1, kinds.TYPE_STRING, one, None), ("simple_value", 2, kinds.TYPE_FLOAT, one, None))
    message("Summary", ("value", 1, kinds.TYPE_MESSAGE, many, ".Value"))
    message("Event", ("wall_time", 1, kinds.TYPE_DOUBLE, one, None), ("step", 2, kinds.TYPE_INT64, one, None),
            ("file_version", 3, kinds.TYPE_STRING, one, None), ("summary", 5, kinds.TYPE_MESSAGE, one, ".Summary"))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    descriptor = pool.FindMessageTypeByName("Event")
    get = getattr(message_factory, "GetMessageClass", None)
    return get(descriptor) if get else message_factory.MessageFactory(pool).GetPrototype(descriptor)


assert crc32c(b"123456789") == 0xE3069283
Event = event_type()
events = []
with open(sys.argv[1], "rb") as f:
    for record in records(f.read()):
        event = Event.FromString(record)
        assert not event.ListFields()[-1][0].number > 5 and event.ByteSize() == len(record), "unknown fields"
        events.append({"time": event.wall_time, "step": event.step, "version": event.file_version,
                       "values": {v.tag: v.simple_value for v in event.summary.value}})
json.dump(events, sys.stdout)
