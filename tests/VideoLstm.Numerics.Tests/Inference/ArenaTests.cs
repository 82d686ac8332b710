using VideoLstm.Numerics.Inference;

namespace VideoLstm.Numerics.Tests.Inference;

public class ArenaTests
{
    [Fact]
    public void Maps_that_live_at_the_same_time_never_share_memory()
    {
        Random random = new(1);
        for (int round = 0; round < 200; round++)
        {
            List<FeatureMap> maps = [];
            for (int i = 0; i < 30; i++)
            {
                int first = random.Next(40);
                maps.Add(new FeatureMap(16 * random.Next(1, 9), random.Next(1, 20), random.Next(1, 20))
                {
                    FirstStep = first,
                    LastStep = first + random.Next(8),
                    PaddingX = random.Next(3),
                    PaddingY = random.Next(3),
                });
            }
            long length = Arena.Place(maps);
            Assert.Equal(length, maps.Max(m => m.Offset + m.Length));
            Assert.True(length <= maps.Sum(m => m.Length));
            Assert.All(maps, m => Assert.Equal(0, m.Offset % 16));
            foreach (FeatureMap a in maps)
                foreach (FeatureMap b in maps)
                    if (a != b && a.FirstStep <= b.LastStep && b.FirstStep <= a.LastStep)
                        Assert.True(a.Offset + a.Length <= b.Offset || b.Offset + b.Length <= a.Offset);
        }
    }

    [Fact]
    public void A_chain_takes_the_memory_of_its_two_largest_neighbours()
    {
        List<FeatureMap> chain = [.. Enumerable.Range(0, 10).Select(i => new FeatureMap(16, 8, 8) { FirstStep = i, LastStep = i + 1 })];
        Assert.Equal(2 * 16 * 8 * 8, Arena.Place(chain));
    }
}
