import { useApp } from "../app/app.ts";
import { Link } from "../app/link.tsx";
import { Empty } from "../parts/states.tsx";
import { BuildView } from "./builds/build-view.tsx";
import { BuildsView } from "./builds/builds-view.tsx";
import { ContainerView } from "./containers/container-view.tsx";
import { ContainersView } from "./containers/containers-view.tsx";
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
