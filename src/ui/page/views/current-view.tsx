import { useApp } from "../app/app.ts";
import { Link } from "../app/link.tsx";
import { Empty } from "../parts/states.tsx";
import { BuildView } from "./builds/build-view.tsx";
import { BuildsView } from "./builds/builds-view.tsx";
import { ContainerView } from "./containers/container-view.tsx";
import { ContainersView } from "./containers/containers-view.tsx";
import { DiskView } from "./disk/disk-view.tsx";
import { EventsView } from "./events/events-view.tsx";
import { NetworkView } from "./networks/network-view.tsx";
import { NetworksView } from "./networks/networks-view.tsx";
import { RegistryView } from "./registry/registry-view.tsx";
import { VolumesView } from "./volumes/volumes-view.tsx";
import { ImageView } from "./images/image-view.tsx";
import { ImagesView } from "./images/images-view.tsx";

/** The view that the page's address names. */
export function CurrentView() {
  const [place = "containers", name, tab] = useApp().router.segments.value;
  switch (place) {
    case "containers":
      return name === undefined ? <ContainersView /> : <ContainerView key={name} id={name} tab={tab} />;
    case "builds":
      return name === undefined ? <BuildsView /> : <BuildView key={name} id={name} />;
    case "images":
      return name === undefined ? <ImagesView /> : <ImageView key={name} name={name} tab={tab} />;
    case "networks":
      return name === undefined ? <NetworksView /> : <NetworkView key={name} id={name} />;
    case "volumes":
      return <VolumesView key={name ?? ""} />;
    case "disk":
      return <DiskView />;
    case "events":
      return <EventsView />;
    case "registry":
      return <RegistryView />;
    default:
      return (
        <div class="view">
          <Empty icon="search" title="There is no such view">
            <Link to="/containers">To the containers</Link>
          </Empty>
        </div>
      );
  }
}
