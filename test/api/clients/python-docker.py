"""What programs do with docker-py, against the engine at argv[1]. Ends with 0 when all of it is as with Docker."""

import io
import socket
import sys
import tarfile

import docker

client = docker.DockerClient(base_url=sys.argv[1], timeout=120)


def run_and_fail():
    assert client.ping()
    assert client.containers.run("busybox", ["echo", "hi"], remove=True) == b"hi\n"
    try:
        client.containers.run("busybox", ["sh", "-c", "echo bad >&2; exit 3"], remove=True)
        raise AssertionError("no error")
    except docker.errors.ContainerError as error:
        assert (error.exit_status, error.stderr) == (3, b"bad\n"), error
    try:
        client.containers.get("nope")
        raise AssertionError("no error")
    except docker.errors.NotFound as error:
        assert error.explanation == "No such container: nope", error


def live_container():
    box = client.containers.run(
        "busybox", ["sleep", "1000"], detach=True, name="py", ports={"80/tcp": None}, labels={"a": "b"},
        volumes={"pyvol": {"bind": "/v", "mode": "rw"}}, mem_limit="64m",
    )
    box.reload()
    assert box.status == "running" and box.ports["80/tcp"][0]["HostPort"]
    assert box.exec_run(["sh", "-c", "echo o; echo e >&2; exit 2"], demux=True) == (2, (b"o\n", b"e\n"))
    counted = b"".join(box.exec_run(["sh", "-c", "for i in 1 2 3; do echo $i; done"], stream=True).output)
    assert counted == b"1\n2\n3\n", counted
    half_close(box)
    files(box)
    box.pause()
    box.reload()
    assert box.status == "paused"
    box.unpause()
    assert [process[-1] for process in box.top()["Processes"]] == ["sleep 1000"]
    assert box.stats(stream=False)["name"] == "/py"
    assert box.commit("pyimage", "1", message="why").history()[0]["Comment"] == "why"
    box.stop(timeout=0)
    assert box.wait()["StatusCode"] == 137
    box.remove(v=True)
    client.volumes.get("pyvol").remove()


def half_close(box):
    exec_id = client.api.exec_create(box.id, "cat", stdin=True)["Id"]
    stream = client.api.exec_start(exec_id, socket=True)
    stream._sock.sendall(b"in\n")
    stream._sock.shutdown(socket.SHUT_WR)
    data = b""
    while part := stream._sock.recv(4096):
        data += part
    assert data.endswith(b"in\n"), data
    stream.close()


def files(box):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        entry = tarfile.TarInfo("f.txt")
        entry.size = 3
        archive.addfile(entry, io.BytesIO(b"abc"))
    assert box.put_archive("/tmp", packed.getvalue())
    stream, stat = box.get_archive("/tmp/f.txt")
    assert stat["size"] == 3
    with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as archive:
        assert archive.extractfile("f.txt").read() == b"abc"
    assert {"Path": "/tmp/f.txt", "Kind": 1} in box.diff()


def images():
    image, log = client.images.build(fileobj=io.BytesIO(b"FROM busybox\nRUN echo built\nLABEL x=y\n"), tag="py:1")
    assert image.labels == {"x": "y"} and "built\n" in [line.get("stream") for line in log]
    image.tag("py", "2")
    data = b"".join(client.images.get("py:2").save(named=True))
    client.images.remove("py:1")
    client.images.remove("py:2")
    assert client.images.load(data)[0].tags == ["py:1"] or client.images.get("py:2")
    try:
        client.images.build(fileobj=io.BytesIO(b"FROM busybox\nRUN exit 7\n"))
        raise AssertionError("no error")
    except docker.errors.BuildError as error:
        assert "7" in error.msg, error


def networks_and_system():
    network = client.networks.create("pynet", driver="bridge")
    box = client.containers.create("busybox", ["sleep", "1000"], name="pybox")
    network.connect(box, aliases=["z"])
    box.start()
    network.reload()
    assert [member.name for member in network.containers] == ["pybox"]
    network.disconnect(box)
    box.remove(force=True)
    network.remove()
    assert client.df()["LayersSize"] > 0 and client.info()["Driver"] == "overlay2"
    assert client.plugins.list() == []
    seen = client.api.events(since=1, until=9999999999, decode=True, filters={"container": "pybox"})
    assert next(seen)["Action"] == "create"
    seen.close()


for scenario in (run_and_fail, live_container, images, networks_and_system):
    scenario()
    print(scenario.__name__)
